import { neighbourPriorityCompliance } from '../../../src/compliance/index.ts';
import { systemClock } from '../../../src/kit/index.ts';
import { bTree } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

// As deep as a tree gets, and wide: the default order is shown in b-tree.test.ts.
describe.each([{ order: 4 }, { order: 256 }])('b-tree with %j', (options) => {
  const cases = neighbourPriorityCompliance({
    create: () => createPlugin(bTree(options)),
    balanced: true,
    clock: systemClock(),
  });
  for (const { name, run } of cases) test(name, run);
});
