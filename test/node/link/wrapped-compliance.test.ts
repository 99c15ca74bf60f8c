import { transportNames, wrappedCases } from './wrapped-cases.ts';

/** What differs most between transports, and takes little time; the whole suite is in wrapped-compliance.full.test.ts. */
const QUICK = [
  'carries frames of every size from 0 to the maximum unchanged',
  'refuses a frame over the maximum with ERR_FRAME_TOO_LARGE, and the connection lives',
  "delivers all that was sent before close, then ends the peer's iteration",
  'tells an abort from a close: the peer sees ERR_CONNECTION_LOST',
  'takes its addresses apart and makes others of them, where it says how',
  'ends the accepting of a listener that is closed, once and for all',
];

describe.each(transportNames)('a logged and sealed transport over %s', (transport) => {
  const cases = wrappedCases('logged and sealed', transport).filter(({ name }) => QUICK.includes(name));

  test('is tried by every quick case', () => {
    expect(cases.map(({ name }) => name).sort()).toEqual([...QUICK].sort());
  });

  for (const { name, run } of cases) test(name, run);
});
