import type { DiskFile } from '../../../src/kernel/index.ts';
import { inlineHasher } from '../../../src/kit/inline-hasher.ts';
import { TokenBucket } from '../../../src/kit/token-bucket.ts';
import { VirtualClock } from '../../../src/kit/virtual-clock.ts';
import { ContentHasher } from '../../../src/node/files/content-hasher.ts';
import { PIECE_LENGTH, sha256 } from './fixture.ts';

const CHUNK = 256 * 1_024;

/** A file of these bytes, and how many bytes each read asked for. */
function fileOf(bytes: Uint8Array) {
  const asked: number[] = [];
  const file: Pick<DiskFile, 'read'> = {
    read: async (position, length) => {
      asked.push(length);
      return bytes.slice(position, position + length);
    },
  };
  return { file, asked };
}

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);

const contents = new ContentHasher({
  disk: { open: () => Promise.reject(new Error('nothing is opened here')) },
  hasher: inlineHasher(),
  pieceStrategy: { pieceLength: () => PIECE_LENGTH },
  rate: new TokenBucket({ clock: new VirtualClock(), rate: Infinity }),
});

describe('the hash of an open file', () => {
  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])('is that of all its %d bytes', async (length) => {
    const bytes = bytesOf(length);
    const { checksum, pieces } = await contents.hashOpen(fileOf(bytes).file, length);
    expect(checksum).toBe(sha256(bytes));
    expect(pieces?.hashes).toHaveLength(Math.ceil(length / PIECE_LENGTH) * 32);
  });

  test('takes one read of a small file, of hardly more than it is long', async () => {
    const { file, asked } = fileOf(bytesOf(1_000));
    await contents.hashOpen(file, 1_000);
    expect(asked).toEqual([1_001]);
  });

  test.each([0, 10, CHUNK])('goes on to the end of a file that was %d bytes long and has grown', async (size) => {
    const bytes = bytesOf(2 * CHUNK + 5);
    const { file, asked } = fileOf(bytes);
    expect((await contents.hashOpen(file, size)).checksum).toBe(sha256(bytes));
    expect(asked.length).toBeLessThanOrEqual(5);
  });
});
