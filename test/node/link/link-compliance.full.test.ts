import { transportCompliance } from '../../../src/compliance/index.ts';
import { logged } from '../../../src/node/link/logged-transport.ts';
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

describe('a logged transport', () => {
  const world = new LinkWorld();
  const cases = transportCompliance({
    clock: world.clock,
    create: async () => logged(world.node(), { logger: world.logger, describe: () => ({ type: 'ANY' }) }),
    address: () => '10.0.0.1:0',
    nobody: () => '10.0.0.9:1',
  });
  for (const { name, run } of cases) test(name, () => whileRunning(world.clock, run));
});
