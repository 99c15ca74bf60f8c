import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { eventually } from './support/eventually.ts';
import { overwrite, sha256File, writeRandomFile } from './support/files.ts';
import { SMALL_DISK, mayMount, mountSmallDisk, unmountSmallDisk } from './support/small-disk.ts';
import { HASTY, useNodes } from './support/start-node.ts';

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;
const NAME = 'large.bin';
const PATIENCE_MS = 120_000;

// Slow enough to be cut off where a test wants it.
const nodes = useNodes({ settings: { ...HASTY, downloadRate: 8 * MIB } });

/** A node with a large file, and one without that has ADDed it. */
async function startTwo({ size = SIZE, of = nodes.folder() } = {}) {
  const folder = await nodes.folder();
  const path = join(folder, NAME);
  const checksum = await writeRandomFile(path, size);
  const [holder, asker] = await Promise.all([nodes.start({ folder }), nodes.start({ folder: await of })]);
  await asker.expect('added', `ADD ${holder.address}`);
  await listed(asker, { holder, checksum });
  return { holder, asker, checksum, path };
}

/** Resolves when a node knows that another holds a content. */
async function listed(node: NodeProcess, { holder, checksum }: { holder: NodeProcess; checksum: string }) {
  await eventually(async () => {
    const { files } = await node.expect('listed', 'LIST');
    expect(files.find((file) => file.checksum === checksum)?.holders).toContain(holder.id);
  });
}

/** Resolves when a node that is fetching the file has so much of it. */
async function underWay(node: NodeProcess, share: number): Promise<void> {
  await eventually(async () => {
    const { ours, pieces } = await node.expect('pieces', `PIECES ${NAME}`);
    expect(ours).toBeGreaterThanOrEqual(share * (pieces ?? Infinity));
  });
}

/** Bytes of the pieces of a content that are on the disk of a node which has not got all of it, whole and right. */
async function bytesHere({ folder }: NodeProcess, content: Buffer, pieceLength: number): Promise<number> {
  const directory = join(folder, '.peerhold', 'partial');
  const [name = ''] = await readdir(directory);
  const here = await readFile(join(directory, name));
  let bytes = 0;
  for (let start = 0; start < content.length; start += pieceLength) {
    const piece = content.subarray(start, start + pieceLength);
    if (piece.equals(here.subarray(start, start + pieceLength))) bytes += piece.length;
  }
  return bytes;
}

async function pieceLengthOf(node: NodeProcess): Promise<number> {
  const { pieceLength } = await node.expect('pieces', `PIECES ${NAME}`);
  return pieceLength ?? 0;
}

/** A node that has so many bytes of the file gets the rest of it from its holder, and no more. */
async function expectRest(
  node: NodeProcess,
  { holder, checksum, here }: { holder: NodeProcess; checksum: string; here: number },
): Promise<void> {
  await listed(node, { holder, checksum });
  const { sources } = await node.expect('received', `GET ${NAME}`);
  expect(sources).toEqual({ [holder.id]: SIZE - here });
  expect(await sha256File(join(node.folder, NAME))).toBe(checksum);
}

describe('of a file nothing is fetched again that was verified', () => {
  test.each([10, 50, 90])(
    'where the receiver is killed at %i %% and started again',
    async (percent) => {
      const { holder, asker, checksum, path } = await startTwo();
      const pieceLength = await pieceLengthOf(holder);
      const cut = asker.command(`GET ${NAME}`).catch(() => undefined);
      await underWay(asker, percent / 100);
      await asker.kill();
      await cut;
      const here = await bytesHere(asker, await readFile(path), pieceLength);
      expect(here).toBeGreaterThanOrEqual((SIZE * percent) / 100);
      expect(here).toBeLessThan(SIZE);

      const again = await nodes.start({ folder: asker.folder });
      await again.expect('added', `ADD ${holder.address}`);
      await expectRest(again, { holder, checksum, here });
    },
    PATIENCE_MS,
  );

  test(
    'where the only source is killed and started again',
    async () => {
      const { holder, asker, checksum, path } = await startTwo();
      const pieceLength = await pieceLengthOf(holder);
      const cut = asker.command(`GET ${NAME}`);
      await underWay(asker, 0.5);
      await holder.kill();
      expect(await cut).toMatchObject({ event: 'error', code: 'ERR_NO_SOURCE' });
      const here = await bytesHere(asker, await readFile(path), pieceLength);

      const again = await nodes.start({ folder: holder.folder });
      await asker.expect('added', `ADD ${again.address}`);
      expect(again.id).toBe(holder.id);
      await expectRest(asker, { holder: again, checksum, here });
    },
    PATIENCE_MS,
  );

  test(
    'where it is changed while it is being served: that says one line, and what is left of it counts for the new version',
    async () => {
      const { holder, asker, path } = await startTwo();
      const pieceLength = await pieceLengthOf(holder);
      const cut = asker.command(`GET ${NAME}`);
      await underWay(asker, 0.5);
      await overwrite(path, SIZE / 4, Buffer.alloc(MIB, 'changed'));
      expect(await cut).toMatchObject({
        event: 'error',
        code: 'ERR_NO_SOURCE',
        message: expect.stringContaining('ERR_FILE_CHANGED') as string,
      });
      expect(asker.events.filter(({ event }) => event === 'error' || event === 'warning')).toHaveLength(1);
      const here = await bytesHere(asker, await readFile(path), pieceLength);

      const checksum = await sha256File(path);
      await expectRest(asker, { holder, checksum, here });
    },
    PATIENCE_MS,
  );
});

test(
  'a file that is deleted while it is being served comes whole to who is fetching it',
  async () => {
    const { asker, checksum, path } = await startTwo();
    const getting = asker.command(`GET ${NAME}`);
    await underWay(asker, 0.5);
    await rm(path);
    expect(await getting).toMatchObject({ event: 'received', checksum });
    expect(await sha256File(join(asker.folder, NAME))).toBe(checksum);
  },
  PATIENCE_MS,
);

// Where nobody may mount, a full disk is shown by test/node/files on a disk in memory alone.
if (await mayMount())
  test(
    'a GET for which the disk becomes full fails in one line, and goes on with what came once there is room',
    async () => {
      const disk = await mountSmallDisk();
      try {
        const size = (SMALL_DISK * 3) / 4;
        const { holder, asker, checksum, path } = await startTwo({ size, of: Promise.resolve(disk) });
        const pieceLength = await pieceLengthOf(holder);
        const filler = join(disk, '.peerhold', 'filler');
        const cut = asker.command(`GET ${NAME}`);
        await underWay(asker, 0.25);
        await writeFile(filler, Buffer.alloc(SMALL_DISK / 2)).catch(() => undefined);
        expect(await cut).toMatchObject({ event: 'error', code: 'ERR_DISK_FULL' });
        expect(asker.events.filter(({ event }) => event === 'error' || event === 'warning')).toHaveLength(1);
        const here = await bytesHere(asker, await readFile(path), pieceLength);

        await rm(filler);
        const { sources } = await asker.expect('received', `GET ${NAME}`);
        expect(sources).toEqual({ [holder.id]: size - here });
        expect(await sha256File(join(disk, NAME))).toBe(checksum);
        await asker.expect('closed', 'BYE');
        await asker.ended;
      } finally {
        await unmountSmallDisk(disk);
      }
    },
    PATIENCE_MS,
  );
