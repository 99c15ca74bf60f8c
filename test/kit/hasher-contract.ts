import { createHash } from 'node:crypto';
import { errorCode, type Hasher } from '../../src/kernel/index.ts';
import { seededRandom } from '../../src/kit/seeded-random.ts';
import { toHex } from '../support/hex.ts';

export interface HasherCase {
  readonly name: string;
  run(hasher: Hasher): Promise<void>;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** Lengths and hashes from the test vectors of the BLAKE3 reference implementation, whose input counts up from 0 to 250 again and again. */
const BLAKE3_VECTORS: readonly (readonly [number, string])[] = [
  [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
  [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
  [1_024, '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
];

const countedBytes = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);

const codeOf = (work: Promise<unknown>) => work.then(() => undefined, errorCode);

/** What every Hasher does. Each case gets one of its own, which the caller closes. */
export const hasherContract: readonly HasherCase[] = [
  {
    name: 'gives the known checksum of nothing, and of "abc" (FIPS 180-2)',
    run: async (hasher) => {
      const nothing = {
        checksum: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        pieces: new Uint8Array(0),
      };
      expect(await hasher.create().digest()).toEqual(nothing);
      expect(await hasher.create({ pieceLength: 1_024 }).digest()).toEqual(nothing);
      const stream = hasher.create();
      await stream.update(new TextEncoder().encode('abc'));
      expect((await stream.digest()).checksum).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    },
  },
  {
    name: 'adds chunks in order, those that are parts of a larger buffer too, which stays whole',
    run: async (hasher) => {
      const content = seededRandom(1).bytes(300_000);
      const expected = sha256(content);
      const stream = hasher.create();
      for (let start = 0; start < content.length; start += 7_777) {
        await stream.update(content.subarray(start, start + 7_777));
      }
      expect((await stream.digest()).checksum).toBe(expected);
      expect(sha256(content)).toBe(expected);
    },
  },
  {
    name: 'keeps streams apart',
    run: async (hasher) => {
      const contents = [1, 2, 3].map((seed) => seededRandom(seed).bytes(50_000));
      const expected = contents.map(sha256);
      const streams = contents.map(() => hasher.create());
      for (let start = 0; start < 50_000; start += 10_000) {
        const parts = contents.map((content) => content.slice(start, start + 10_000));
        await Promise.all(streams.map((stream, index) => stream.update(parts[index]!)));
      }
      const results = await Promise.all(streams.map((stream) => stream.digest()));
      expect(results.map(({ checksum }) => checksum)).toEqual(expected);
    },
  },
  {
    name: 'gives the known hashes of pieces (the test vectors of BLAKE3)',
    run: async (hasher) => {
      for (const [length, hash] of BLAKE3_VECTORS) expect(toHex(hasher.hashPiece(countedBytes(length)))).toBe(hash);
    },
  },
  {
    name: 'hashes the pieces of a file in the same pass, however they come, the last being what is left',
    run: async (hasher) => {
      const content = seededRandom(2).bytes(10_000);
      const expected = [0, 1, 2].map((piece) => hasher.hashPiece(content.slice(piece * 4_096, (piece + 1) * 4_096)));
      for (const partLength of [700, 1_000, 4_096, 8_192, 10_000]) {
        const stream = hasher.create({ pieceLength: 4_096 });
        for (let start = 0; start < content.length; start += partLength) {
          await stream.update(content.slice(start, start + partLength));
        }
        const { checksum, pieces } = await stream.digest();
        expect([checksum, toHex(pieces)]).toEqual([sha256(content), expected.map(toHex).join('')]);
      }
    },
  },
  {
    name: 'has no piece more where the last one is whole',
    run: async (hasher) => {
      const stream = hasher.create({ pieceLength: 1_024 });
      await stream.update(countedBytes(2_048));
      expect((await stream.digest()).pieces).toHaveLength(64);
    },
  },
  {
    name: 'refuses a stream after its digest or discard with ERR_CLOSED, and discards twice',
    run: async (hasher) => {
      const taken = hasher.create();
      await taken.digest();
      const discarded = hasher.create();
      await discarded.update(Uint8Array.of(1));
      discarded.discard();
      discarded.discard();
      taken.discard();
      for (const stream of [taken, discarded]) {
        expect(await codeOf(stream.update(Uint8Array.of(1)))).toBe('ERR_CLOSED');
        expect(await codeOf(stream.digest())).toBe('ERR_CLOSED');
      }
    },
  },
  {
    name: 'ends every computation with ERR_CLOSED when it closes, and closes twice',
    run: async (hasher) => {
      const stream = hasher.create();
      await stream.update(Uint8Array.of(1));
      await hasher.close();
      await hasher.close();
      expect(await codeOf(stream.update(Uint8Array.of(1)))).toBe('ERR_CLOSED');
      expect(await codeOf(stream.digest())).toBe('ERR_CLOSED');
      expect(await codeOf(hasher.create().digest())).toBe('ERR_CLOSED');
      stream.discard();
    },
  },
];
