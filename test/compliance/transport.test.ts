import { transportCompliance } from '../../src/compliance/index.ts';
import { VirtualClock } from '../../src/kit/index.ts';
import type { Transport } from '../../src/kernel/index.ts';
import { MemoryNetwork, memory } from '../../src/plugins/transport/memory/index.ts';
import { createPlugin } from '../support/create-plugin.ts';
import { whileRunning } from '../support/running-clock.ts';
import { brokenTransports } from './broken-transports.ts';

function suite(clock: VirtualClock, breakIt: (sound: Transport) => Transport) {
  const network = new MemoryNetwork();
  return transportCompliance({
    clock,
    create: async () => breakIt(createPlugin(memory({ network }), { clock })),
    address: () => '10.0.0.1:0',
    nobody: () => '10.0.0.9:1',
  });
}

describe('transportCompliance', () => {
  test('names each case once', () => {
    const names = suite(new VirtualClock(), (sound) => sound).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  for (const { defect, caughtBy, breakIt } of brokenTransports) {
    test(`catches a transport that ${defect}`, async () => {
      const clock = new VirtualClock();
      const found = suite(clock, breakIt).find(({ name }) => name === caughtBy);
      await expect(whileRunning(clock, async () => found?.run())).rejects.toMatchObject({ name: 'ComplianceError' });
    });
  }
});
