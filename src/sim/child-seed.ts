import { createHash } from 'node:crypto';
import type { Random } from '../kernel/index.ts';
import { seededRandom } from '../kit/index.ts';

/**
 * A seed that comes of another and of what it is for. Each part of a simulation has one of its own, so that what one part draws changes
 * nothing for the others. 0 to 2^48 - 1.
 */
export function childSeed(seed: number, purpose: string): number {
  return createHash('sha256').update(`${seed}/${purpose}`).digest().readUIntBE(0, 6);
}

/** Randomness from a child seed. */
export function childRandom(seed: number, purpose: string): Random {
  return seededRandom(childSeed(seed, purpose));
}
