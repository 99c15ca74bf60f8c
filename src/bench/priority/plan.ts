import type { InputOrder } from './workload.ts';
import { INPUT_ORDERS } from './workload.ts';

/** Sets of one size, filled in one order: all subjects are measured in turn, then comes the next. */
export interface Stage {
  readonly size: number;
  readonly order: InputOrder;
  /** No further round of samples is begun after this time, but there are at least `leastRounds`. */
  readonly budgetMs: number;
  readonly leastRounds: number;
  readonly mostRounds: number;
  /** Rounds before those, of which nothing is kept: while the code of this size is compiled. */
  readonly warmUps: number;
  /** Lives of small sets are repeated within a sample until they have held this many entries together. */
  readonly entriesInSample: number;
}

/** Seconds for each order at a size. Together, with what is drawn and checked, they leave some of five minutes, or of one. */
const FULL: readonly (readonly [size: number, seconds: number])[] = [
  [100, 2],
  [1_000, 2],
  [10_000, 3],
  [100_000, 4],
  [1_000_000, 30],
];
const QUICK: readonly (readonly [size: number, seconds: number])[] = [
  [100, 1],
  [1_000, 1],
  [10_000, 1.5],
  [100_000, 2.5],
];
/** A life of a set so large takes seconds, and each is thousands of operations: two will do. */
const LARGE = 1_000_000;
const LARGE_ROUNDS = 2;
/** From this size on the sizes before have warmed up what there is to compile, and a quick run has time for one order. */
const WARM = 100_000;
const ENTRIES_IN_SAMPLE = 10_000;
const MOST_ROUNDS = 25;

/** The stages of a run, sizes in ascending order. */
export function stagesOf(quick: boolean): readonly Stage[] {
  return (quick ? QUICK : FULL).flatMap(([size, seconds]) =>
    (quick && size >= WARM ? INPUT_ORDERS.slice(0, 1) : INPUT_ORDERS).map((order) => ({
      size,
      order,
      budgetMs: seconds * 1_000,
      leastRounds: size >= (quick ? WARM : LARGE) ? LARGE_ROUNDS : 3,
      mostRounds: size >= LARGE ? LARGE_ROUNDS : MOST_ROUNDS,
      warmUps: size >= WARM ? 0 : 1,
      entriesInSample: ENTRIES_IN_SAMPLE,
    })),
  );
}
