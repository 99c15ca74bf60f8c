import { copyFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { eventually } from './support/eventually.ts';
import { sha256File, writeRandomFile } from './support/files.ts';
import { LARGE } from './support/pair.ts';
import { mayMount, mountSmallDisk, unmountSmallDisk } from './support/small-disk.ts';
import { HASTY, useNodes } from './support/start-node.ts';
import { agreement, listing } from './support/views.ts';

const MIB = 1024 * 1024;

const nodes = useNodes({ settings: HASTY });

/** Resolves when a node has received a part of a file. */
async function underWay({ folder }: NodeProcess): Promise<void> {
  const partial = join(folder, '.peerhold', 'partial');
  await eventually(async () => {
    const [file = ''] = await readdir(partial);
    expect((await stat(join(partial, file))).size).toBeGreaterThan(MIB);
  });
}

/** What of incoming files is in a folder, under their own names or others. */
async function remains({ folder }: NodeProcess): Promise<string[]> {
  const [own, partial] = await Promise.all([readdir(folder), readdir(join(folder, '.peerhold', 'partial'))]);
  return [...own.filter((name) => name !== '.peerhold'), ...partial];
}

describe('a GET whose source is killed', () => {
  test('goes on from another holder, fails where there is none, and keeps what was verified for the next', async () => {
    const folders = [await nodes.folder('a'), await nodes.folder('b')] as const;
    const checksum = await writeRandomFile(join(folders[0], 'large.bin'), LARGE);
    await copyFile(join(folders[0], 'large.bin'), join(folders[1], 'large.bin'));
    const [a, b, asker] = await Promise.all([
      nodes.start({ folder: folders[0] }),
      nodes.start({ folder: folders[1] }),
      nodes.start(),
    ]);
    await asker.expect('added', `ADD ${a.address}`);
    await asker.expect('added', `ADD ${b.address}`);
    await agreement([a, b, asker]);

    const receiving = asker.expect('received', 'GET large.bin');
    await underWay(asker);
    const { transfers } = await a.expect('status', 'STATUS');
    const [source, other] = transfers > 0 ? [a, b] : [b, a];
    await source.kill();
    const { sources } = await receiving;
    // The two were asked at once; what the killed one had given by then counts.
    expect(sources[other.id]).toBeGreaterThan(0);
    expect((sources[source.id] ?? 0) + (sources[other.id] ?? 0)).toBe(LARGE);
    expect(await sha256File(join(asker.folder, 'large.bin'))).toBe(checksum);

    await rm(join(asker.folder, 'large.bin'));
    await eventually(async () => {
      const { files } = await asker.expect('listed', 'LIST');
      expect(files[0]?.holders).toEqual([other.id]);
    });
    const failing = asker.command('GET large.bin');
    await underWay(asker);
    await other.kill();
    expect(await failing).toMatchObject({ event: 'error', code: 'ERR_NO_SOURCE' });
    expect(await remains(asker)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);

    const again = await nodes.start({ folder: other.folder });
    await asker.expect('added', `ADD ${again.address}`);
    await listing([asker], ['large.bin']);
    const { sources: rest } = await asker.expect('received', 'GET large.bin');
    expect(rest[other.id]).toBeLessThan(LARGE);
    expect(await sha256File(join(asker.folder, 'large.bin'))).toBe(checksum);
    expect(await remains(asker)).toEqual(['large.bin']);
  });
});

// Where nobody may mount, a full disk is shown by test/node/files on a disk in memory alone.
if (await mayMount())
  test('a GET for which the disk has no room fails, and others go on', async () => {
    const disk = await mountSmallDisk();
    try {
      const [holder, asker] = await Promise.all([nodes.start(), nodes.start({ folder: disk })]);
      await writeRandomFile(join(holder.folder, 'too large.bin'), 32 * MIB);
      await writeRandomFile(join(holder.folder, 'small enough.bin'), MIB);
      await asker.expect('added', `ADD ${holder.address}`);
      await listing([asker], ['small enough.bin', 'too large.bin']);

      expect(await asker.command('GET too large.bin')).toMatchObject({ event: 'error', code: 'ERR_DISK_FULL' });
      expect(await remains(asker)).toEqual([]);
      await asker.expect('received', 'GET small enough.bin');
      await asker.expect('closed', 'BYE');
      await asker.ended;
    } finally {
      await unmountSmallDisk(disk);
    }
  });
