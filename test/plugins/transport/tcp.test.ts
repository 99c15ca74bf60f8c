import { transportCompliance } from '../../../src/compliance/index.ts';
import { systemClock } from '../../../src/kit/world/system-clock.ts';
import { tcp } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

const clock = systemClock();

describe('tcp', () => {
  const cases = transportCompliance({
    clock,
    create: async () => createPlugin(tcp(), { clock }),
    address: () => '127.0.0.1:0',
    nobody: () => '127.0.0.1:9',
  });
  for (const { name, run } of cases) test(name, run);
});
