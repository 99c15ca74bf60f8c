import { transportNames, wrappedCases, wrapperNames } from './wrapped-cases.ts';

describe.each(wrapperNames)('a %s transport', (wrapper) => {
  describe.each(transportNames)('over %s', (transport) => {
    for (const { name, run } of wrappedCases(wrapper, transport)) test(name, run);
  });
});
