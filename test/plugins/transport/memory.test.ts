import { transportCompliance } from '../../../src/compliance/index.ts';
import { VirtualClock } from '../../../src/kit/index.ts';
import { MemoryNetwork, memory } from '../../../src/plugins/transport/memory/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { whileRunning } from '../../support/running-clock.ts';

describe('memory', () => {
  const clock = new VirtualClock();
  const network = new MemoryNetwork();
  const cases = transportCompliance({
    clock,
    create: async () => createPlugin(memory({ network }), { clock }),
    address: () => '10.0.0.1:0',
    nobody: () => '10.0.0.9:1',
  });
  for (const { name, run } of cases) test(name, () => whileRunning(clock, run));
});
