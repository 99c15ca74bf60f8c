import { transportCompliance } from '../../../src/compliance/index.ts';
import { whileRunning } from '../../support/running-clock.ts';
import { LinkWorld } from './link-world.ts';

describe('a sealed transport', () => {
  const world = new LinkWorld();
  const cases = transportCompliance({
    clock: world.clock,
    create: async () => world.node(),
    address: () => '10.0.0.1:0',
    nobody: () => '10.0.0.9:1',
  });
  for (const { name, run } of cases) test(name, () => whileRunning(world.clock, run));
});
