import { transportCompliance } from '../../../src/compliance/index.ts';
import { none } from '../../../src/plugins/cipher/none/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { whileRunning } from '../../support/running-clock.ts';
import { LinkWorld } from './link-world.ts';

describe('a sealed transport with the cipher none', () => {
  const world = new LinkWorld();
  const cases = transportCompliance({
    clock: world.clock,
    create: async () => world.node({ cipher: createPlugin(none()) }),
    address: () => '127.0.0.1:0',
    nobody: () => '127.0.0.1:1',
  });
  for (const { name, run } of cases) test(name, () => whileRunning(world.clock, run));
});
