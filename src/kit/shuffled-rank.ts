import type { Random } from '../kernel/index.ts';

/**
 * A rank from 0 to 2^32 - 1 for every number below 2^32: in an order that is as good as shuffled, drawn once, the same at every call. No
 * two numbers have the same rank.
 */
export function shuffledRank(random: Random): (number: number) => number {
  const [first = 0, second = 0] = new Uint32Array(random.bytes(8).slice().buffer);
  return (number) => mix(mix(number ^ first) ^ second);
}

/** The finalizer of MurmurHash3 (Appleby, public domain): a bijection of 32 bits in which every bit of the input moves all of the result. */
function mix(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
