import { toError, type Clock, type Random } from '../kernel/index.ts';

/** Something of which samples are taken. */
export interface Sampled<Sample> {
  readonly name: string;
  /** Takes one sample. An error ends the subject, not the others. */
  sample(): Sample | Promise<Sample>;
}

export interface InterleaveOptions<Sample> {
  readonly subjects: readonly Sampled<Sample>[];
  /** Rounds whose samples are thrown away, while code is compiled and caches fill. */
  readonly warmUps: number;
  /** Rounds that count. */
  readonly rounds: number;
  /** Once this time has passed no further round is begun, except up to `leastRounds`. Without it all are run. */
  readonly budgetMs?: number;
  /** By default 1. */
  readonly leastRounds?: number;
  /**
   * A subject whose own samples have taken this long has no more, since what is so slow needs no fine measure, and its time is not that of
   * the others' budget. Without it there is no limit.
   */
  readonly subjectBudgetMs?: number;
  readonly clock: Clock;
  /** Shuffles the order within each round. */
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Called before each sample. */
  readonly progress?: (step: { readonly name: string; readonly done: number; readonly of: number }) => void;
}

/** What became of a subject: its samples, or why it has none. */
export type SampleOutcome<Sample> = { readonly samples: readonly Sample[] } | { readonly failed: string };

/**
 * Takes samples round-robin: each round has one of every subject, in an order shuffled anew. So what comes and goes on the machine meets
 * all subjects alike, and none always follows the same other.
 *
 * @throws the signal's reason where it is given up.
 */
export async function interleave<Sample>(
  options: InterleaveOptions<Sample>,
): Promise<ReadonlyMap<string, SampleOutcome<Sample>>> {
  const { subjects, warmUps, rounds, budgetMs = Infinity, leastRounds = 1, clock, random, signal, progress } = options;
  const { subjectBudgetMs = Infinity } = options;
  const samples = new Map(subjects.map(({ name }) => [name, [] as Sample[]]));
  const failures = new Map<string, string>();
  const spent = new Map<string, number>();
  const started = clock.now();
  const isSlow = (name: string) => (spent.get(name) ?? 0) >= subjectBudgetMs;
  const spentBySlow = () => [...spent].reduce((sum, [name, ms]) => (isSlow(name) ? sum + ms : sum), 0);
  const of = (warmUps + rounds) * subjects.length;
  let done = 0;
  for (let round = -warmUps; round < rounds; round++) {
    if (round >= leastRounds && clock.now() - started - spentBySlow() >= budgetMs) break;
    for (const { name, sample } of shuffled(subjects, random)) {
      signal.throwIfAborted();
      progress?.({ name, done: done++, of });
      if (failures.has(name) || (round > 0 && isSlow(name))) continue;
      try {
        const began = clock.now();
        const value = await sample();
        if (round >= 0) samples.get(name)?.push(value);
        spent.set(name, (spent.get(name) ?? 0) + clock.now() - began);
      } catch (error) {
        signal.throwIfAborted();
        failures.set(name, toError(error).message);
      }
    }
  }
  return new Map(
    [...samples].map(([name, taken]) => {
      const failed = failures.get(name);
      return [name, failed === undefined ? { samples: taken } : { failed }];
    }),
  );
}

/** All of a list in random order (Fisher and Yates), as a new list. */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const result = [...list];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random.fraction() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

/**
 * Makes a sample of something short: the seconds that one run of it takes, over as many runs as last `minimumMs` together. How many that
 * is, is found at the first call and kept, so that all samples do the same.
 */
export function timeShort(work: (times: number) => void, clock: Clock, minimumMs: number): () => number {
  let times: number | undefined;
  const time = (count: number) => {
    const started = clock.now();
    work(count);
    return clock.now() - started;
  };
  return () => {
    let count = times ?? 1;
    let elapsed = time(count);
    while (times === undefined && elapsed < minimumMs) {
      // Ten times as many at most: the first runs are slower than those that follow.
      count *= Math.min(10, Math.max(2, Math.ceil((minimumMs * 1.2) / Math.max(elapsed, 0.001))));
      elapsed = time(count);
    }
    times = count;
    return elapsed / count / 1_000;
  };
}
