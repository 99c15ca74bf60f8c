import { toError } from '../../kernel/index.ts';
import { seededRandom } from '../../kit/index.ts';
import type { BenchContext } from '../bench.ts';
import { interleave, type SampleOutcome } from '../interleave.ts';
import type { Timed } from '../phases.ts';
import type { Stage, StagedProgress } from '../staged-progress.ts';
import type { Sampling } from './plan.ts';

/** One moving of files from one process to another. */
export interface Move extends Timed {
  /** Most memory each end had in RAM until then, in bytes; undefined where the system does not tell. */
  readonly sender: number | undefined;
  readonly receiver: number | undefined;
}

/** Something that moves the same files again and again. */
export interface Mover {
  /** Moves them once more, to a new receiver, and compares what came. Rejects where that is not what was sent. */
  move(): Promise<Move>;
  /** Ends its processes. */
  close(): Promise<void>;
}

/** A mover that is made ready when its turn comes. */
export interface Opening {
  /** Unlike all others of its part. */
  readonly name: string;
  /** Where it rejects, nothing of it is left running. */
  open(): Promise<Mover>;
}

/** What came of each, by name. */
export type MoveOutcomes = ReadonlyMap<string, SampleOutcome<Move>>;

export interface MeasureMovesOptions {
  readonly context: Pick<BenchContext, 'clock' | 'seed' | 'signal'>;
  readonly progress: StagedProgress;
  readonly stage: Stage;
  readonly sampling: Sampling;
  readonly openings: readonly Opening[];
}

const LEAST_ROUNDS = 2;
/** Share of the time of a part that goes into making all ready. */
const OPENING_SHARE = 0.2;

/** Makes all ready, then has them move files in turn. What fails has no figures, and the others go on. */
export async function measureMoves(options: MeasureMovesOptions): Promise<MoveOutcomes> {
  const { context, progress, stage, sampling, openings } = options;
  progress.begin(stage);
  const failed = new Map<string, SampleOutcome<Move>>();
  const ready: { readonly name: string; readonly mover: Mover }[] = [];
  try {
    for (const [index, { name, open }] of openings.entries()) {
      progress.step(`${name} is made ready`, (OPENING_SHARE * index) / openings.length);
      try {
        ready.push({ name, mover: await open() });
      } catch (error) {
        context.signal.throwIfAborted();
        failed.set(name, { failed: toError(error).message });
      }
    }
    const moved = await interleave({
      subjects: ready.map(({ name, mover }) => ({ name, sample: () => mover.move() })),
      warmUps: 0,
      rounds: sampling.rounds,
      leastRounds: Math.min(sampling.rounds, LEAST_ROUNDS),
      budgetMs: sampling.seconds * 1_000,
      clock: context.clock,
      random: seededRandom(context.seed),
      signal: context.signal,
      progress: ({ name, done, of }) => progress.step(name, OPENING_SHARE + (1 - OPENING_SHARE) * (done / of)),
    });
    return new Map([...moved, ...failed]);
  } finally {
    await Promise.all(ready.map(({ mover }) => mover.close()));
  }
}
