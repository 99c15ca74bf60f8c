import { createHash } from 'node:crypto';
import { errorCode, type Hasher } from '../../src/kernel/index.ts';
import { seededRandom } from '../../src/kit/seeded-random.ts';

export interface HasherCase {
  readonly name: string;
  run(hasher: Hasher): Promise<void>;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const codeOf = (work: Promise<unknown>) => work.then(() => undefined, errorCode);

/** What every Hasher does. Each case gets one of its own, which the caller closes. */
export const hasherContract: readonly HasherCase[] = [
  {
    name: 'gives the known checksum of nothing, and of "abc" (FIPS 180-2)',
    run: async (hasher) => {
      expect(await hasher.create().digest()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
      const stream = hasher.create();
      await stream.update(new TextEncoder().encode('abc'));
      expect(await stream.digest()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
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
      expect(await stream.digest()).toBe(expected);
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
      expect(await Promise.all(streams.map((stream) => stream.digest()))).toEqual(expected);
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
