import { transportCompliance } from '../../src/compliance/index.ts';
import { VirtualClock } from '../../src/kit/index.ts';
import { MemoryNetwork, memory } from '../../src/plugins/index.ts';
import { createPlugin } from '../support/create-plugin.ts';
import { whileRunning } from '../support/running-clock.ts';
import { brokenTransports } from './broken-transports.ts';
import { expectCaught } from './expect-caught.ts';

describe('transportCompliance', () => {
  expectCaught(brokenTransports, (breakIt) => {
    const clock = new VirtualClock();
    const network = new MemoryNetwork();
    const cases = transportCompliance({
      clock,
      create: async () => breakIt(createPlugin(memory({ network }), { clock })),
      address: () => '10.0.0.1:0',
      nobody: () => '10.0.0.9:1',
    });
    return cases.map(({ name, run }) => ({ name, run: () => whileRunning(clock, run) }));
  });
});
