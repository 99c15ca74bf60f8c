import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '../../../src/kit/world/node-disk.ts';
import { workerHasher } from '../../../src/kit/world/worker-hasher.ts';

describe('reading and hashing a file of 1 GiB', () => {
  test('gives its checksum, and memory grows by no more than 60 MiB', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'peerhold-large-'));
    try {
      await using file = await nodeDisk(folder).open('large', 'create');
      await file.truncate(1024 ** 3);
      await using hasher = workerHasher();
      const stream = hasher.create({ pieceLength: 256 * 1024 });
      const before = process.memoryUsage.rss();
      let most = before;
      for (let position = 0; ;) {
        const bytes = await file.read(position, 256 * 1024);
        if (bytes.length === 0) break;
        position += bytes.length;
        await stream.update(bytes);
        most = Math.max(most, process.memoryUsage.rss());
      }
      // As sha256sum prints for 1 GiB of zeros.
      expect((await stream.digest()).checksum).toBe('49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14');
      expect(most - before).toBeLessThan(60 * 1024 * 1024);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
