import type { Random } from '../kernel/index.ts';

/**
 * Randomness that a seed repeats exactly, on every machine: for tests, simulations and benchmarks, never for keys.
 * sfc32 (Chris Doty-Humphrey, PractRand), its state filled from the seed and stirred as its author advises.
 */
export function seededRandom(seed: number): Random {
  const next = sfc32(seed);
  return {
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      const view = new DataView(bytes.buffer);
      const whole = length - (length % 4);
      for (let offset = 0; offset < whole; offset += 4) view.setUint32(offset, next(), true);
      if (whole < length)
        for (let index = whole, word = next(); index < length; index++, word >>>= 8) bytes[index] = word;
      return bytes;
    },
    // 53 bits, all that a number in [0, 1) can hold.
    fraction: () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000,
  };
}

function sfc32(seed: number): () => number {
  let a = 0x9e3779b9;
  let b = seed | 0;
  let c = Math.floor(seed / 0x1_0000_0000) | 0;
  let counter = 1;
  const next = () => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}
