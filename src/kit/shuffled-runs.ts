import type { Random } from '../kernel/index.ts';
import { shuffledRank } from './shuffled-rank.ts';

/** Numbers of one run at most: with pieces of 256 KiB two MiB, which a disk reads and writes at once. */
const LONGEST_RUN = 8;
/** So many runs there are at least, where there are as many numbers: an order of few is hardly one of its own. */
const LEAST_RUNS = 64;

/** Every rank of `shuffledRuns` is below this. */
export const RUN_RANKS = 2 ** 32 * LONGEST_RUN;

/**
 * A rank for every number below `count`: runs of neighbours, up to eight, in an order that is as good as shuffled, drawn once, and each run in
 * ascending order. Disks are read and written, and requests answered, several pieces at once then, which each by itself would cost as much as all.
 */
export function shuffledRuns(random: Random): (count: number) => (number: number) => number {
  const rankOf = shuffledRank(random);
  return (count) => {
    const length = Math.min(Math.max(Math.floor(count / LEAST_RUNS), 1), LONGEST_RUN);
    return (number) => rankOf(Math.floor(number / length)) * length + (number % length);
  };
}
