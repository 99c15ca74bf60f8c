/** Bytes that look random, differ with the seed, and are the same at every run (xorshift32). */
export function sampleBytes(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ length) | 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** Lengths worth trying from 0 to `max`: the smallest, each power of two with its neighbours, and the largest. */
export function lengthLadder(max: number): number[] {
  const lengths = new Set([0, 1, 2, 3, max - 1, max]);
  for (let power = 4; power <= max; power *= 2) for (const length of [power - 1, power, power + 1]) lengths.add(length);
  return [...lengths].filter((length) => length >= 0 && length <= max).sort((a, b) => a - b);
}
