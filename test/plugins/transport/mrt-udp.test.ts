import { transportCompliance } from '../../../src/compliance/index.ts';
import { systemClock } from '../../../src/kit/world/system-clock.ts';
import { systemRandom } from '../../../src/kit/world/system-random.ts';
import { mrtUdp } from '../../../src/plugins/transport/mrt-udp/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

const world = { clock: systemClock(), random: systemRandom() };

describe('mrt-udp', () => {
  const cases = transportCompliance({
    clock: world.clock,
    create: async () => createPlugin(mrtUdp({ dialTimeoutMs: 300 }), world),
    address: () => '127.0.0.1:0',
    nobody: () => '127.0.0.1:9',
  });
  for (const { name, run } of cases) test(name, run);
});
