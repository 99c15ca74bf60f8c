/** Two words of 32 bits. */
export type HalfSipKey = readonly [number, number];

/**
 * HalfSipHash-2-4 (Aumasson and Bernstein 2012, and its reference code of 2016) over whole words of 32 bits: the lower 52 bits of its 64, which
 * a number holds exactly. Whoever does not know the key cannot look for inputs that collide.
 */
export function halfSipHash52([k0, k1]: HalfSipKey, words: Uint32Array): number {
  let v0 = k0 | 0;
  let v1 = k1 ^ 0xee;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  let low = 0;
  // The words, the length in bytes as the last word, and the rounds that finish each half of the output.
  for (let index = 0; index < words.length + 3; index++) {
    const isOutput = index > words.length;
    const word = isOutput ? 0 : index < words.length ? (words[index] ?? 0) : words.length << 26;
    if (index === words.length + 1) v2 ^= 0xee;
    if (index === words.length + 2) v1 ^= 0xdd;
    v3 ^= word;
    for (let round = isOutput ? 4 : 2; round > 0; round--) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    v0 ^= word;
    if (index === words.length + 1) low = (v1 ^ v3) >>> 0;
  }
  return ((v1 ^ v3) & 0xfffff) * 2 ** 32 + low;
}
