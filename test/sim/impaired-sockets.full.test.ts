import { transportCompliance } from '../../src/compliance/index.ts';
import { systemClock } from '../../src/kit/index.ts';
import { mrtUdp, tcp } from '../../src/plugins/index.ts';
import { ImpairedTransport, LinkTable } from '../../src/sim/index.ts';
import { createPlugin } from '../support/create-plugin.ts';
import { CONDITIONS } from './support/conditions.ts';

describe.each(Object.entries(CONDITIONS))('an impaired link %s', (_, given) => {
  describe.each([
    ['tcp', tcp()],
    ['mrt-udp', mrtUdp()],
  ])('over %s', (_name, use) => {
    const clock = systemClock();
    const links = new LinkTable({ clock, seed: 1, conditions: () => given });
    const cases = transportCompliance({
      clock,
      create: async () => new ImpairedTransport(createPlugin(use, { clock }), { clock, links, place: '127.0.0.1' }),
      address: () => '127.0.0.1:0',
      nobody: () => '127.0.0.1:9',
    });
    for (const { name, run } of cases) test(name, run);
  });
});
