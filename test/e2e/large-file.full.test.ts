import { join } from 'node:path';
import { sha256File, writeRandomFile } from './support/files.ts';
import { HUGE } from './support/pair.ts';
import { peakMemory } from './support/process-figures.ts';
import { useNodes } from './support/start-node.ts';
import { listing } from './support/views.ts';

const MAX_MEMORY_MIB = 200;
const PATIENCE_MS = 240_000;

// A copy would be made at the same time, and the GET wait for it.
const nodes = useNodes({ settings: { replicas: 0 } });

test(`a file of ${HUGE / 1024 ** 2} MiB passes whole, in less than ${MAX_MEMORY_MIB} MiB of memory at both ends`, async () => {
  const folder = await nodes.folder();
  const checksum = await writeRandomFile(join(folder, 'large.bin'), HUGE);
  const [holder, asker] = await Promise.all([nodes.start({ folder }), nodes.start()]);
  await asker.expect('added', `ADD ${holder.address}`);
  await listing([asker], ['large.bin'], { timeoutMs: PATIENCE_MS });
  expect(await asker.expect('received', 'GET large.bin', PATIENCE_MS)).toMatchObject({ size: HUGE, checksum });
  expect(await sha256File(join(asker.folder, 'large.bin'))).toBe(checksum);
  for (const node of [holder, asker]) expect(await peakMemory(node)).toBeLessThan(MAX_MEMORY_MIB);
}, 600_000);
