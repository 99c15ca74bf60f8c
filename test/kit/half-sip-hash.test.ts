import { halfSipHash52, type HalfSipKey } from '../../src/kit/half-sip-hash.ts';

/** The key 00 01 … 07, as in the vectors. */
const KEY: HalfSipKey = [0x03020100, 0x07060504];

/** 00 01 02 …, as words with the lowest byte first. */
function counting(words: number): Uint32Array {
  const bytes = Uint8Array.from({ length: 4 * words }, (_, index) => index);
  const view = new DataView(bytes.buffer);
  return Uint32Array.from({ length: words }, (_, index) => view.getUint32(4 * index, true));
}

/** The lower 52 bits of a hash as the vectors write it: 8 bytes, the lowest first. */
function lower52(hex: string): number {
  return Number(Buffer.from(hex, 'hex').readBigUInt64LE() & 0xf_ffff_ffff_ffffn);
}

test.each([
  [0, '218d1f59b9b83cc8'],
  [1, 'd5e78a175be52ea1'],
  [2, 'edfee820bce4858c'],
  [3, '7bc71f9faef5c799'],
  [4, '7336aad25f7bf3b5'],
])('%i words have the hash of the reference code', (words, hash) => {
  expect(halfSipHash52(KEY, counting(words))).toBe(lower52(hash));
});

test('another key gives another hash', () => {
  expect(halfSipHash52([1, 2], counting(2))).not.toBe(halfSipHash52([1, 3], counting(2)));
});
