import { toError } from '../kernel/index.ts';
import { seededRandom } from '../kit/index.ts';
import type { BenchContext } from './bench.ts';
import { calibrate, type Calibration } from './calibrate.ts';
import { interleave } from './interleave.ts';
import { measured, type Cell } from './report.ts';
import type { Stage, StagedProgress } from './staged-progress.ts';

/** One kind of sample, taken of every subject. */
export interface Phase<Subject, Sample extends Timed> {
  readonly stage: Stage;
  /** Takes a sample of so many. */
  readonly take: (subject: Subject, count: number) => Promise<Sample>;
  /** Fewest and most in a sample. */
  readonly least: number;
  readonly most?: number;
  /** Seconds that each of a subject will take, as far as is known before. */
  readonly expected?: (name: string) => number | undefined;
}

/** Every sample says how long it took. */
export interface Timed {
  readonly seconds: number;
}

/** What came of one subject in a phase: samples of so many each, or why there are none. */
export type PhaseOutcome<Sample> =
  | { readonly samples: readonly Sample[]; readonly count: number }
  | { readonly failed: string }
  | { readonly projectedSeconds: number };

/** By the subject's name. */
export type PhaseOutcomes<Sample> = ReadonlyMap<string, PhaseOutcome<Sample>>;

/** What is compared. */
export interface Named {
  /** Unlike all others. */
  readonly name: string;
}

export interface PhasesOptions<Subject> {
  readonly context: Pick<BenchContext, 'clock' | 'seed' | 'signal'>;
  readonly subjects: readonly Subject[];
  readonly progress: StagedProgress;
  readonly rounds: number;
  readonly sampleSeconds: number;
  /** What of each subject's time comes before its samples, to warm it up and to find out how much a sample holds. */
  readonly warmSeconds: number;
}

/** What a machine busy with other things, or a slow subject, may make of the planned time before rounds are left out; some always remain. */
const LONGEST_TIMES_PLANNED = 2;
const LEAST_ROUNDS = 3;

/** Share of a phase's time that goes into finding out how much a sample holds. */
const CALIBRATION_SHARE = 0.3;

/**
 * Takes the samples of one phase: finds out, one after the other, how much makes a sample, then takes them interleaved.
 *
 * @throws the signal's reason.
 */
export async function runPhase<Subject extends Named, Sample extends Timed>(
  phase: Phase<Subject, Sample>,
  options: PhasesOptions<Subject>,
): Promise<PhaseOutcomes<Sample>> {
  const { context, subjects, progress, rounds, sampleSeconds } = options;
  progress.begin(phase.stage);
  const outcomes = new Map<string, PhaseOutcome<Sample>>();
  const ready: { readonly subject: Subject; readonly count: number }[] = [];
  for (const [index, subject] of subjects.entries()) {
    const { name } = subject;
    progress.step(name, (CALIBRATION_SHARE * index) / subjects.length);
    const calibration = await tryCalibrate(phase, subject, options);
    if ('count' in calibration) ready.push({ subject, count: calibration.count });
    else outcomes.set(name, calibration);
  }
  const subjectBudgetMs = rounds * sampleSeconds * 1_000 * LONGEST_TIMES_PLANNED;
  const taken = await interleave({
    subjects: ready.map(({ subject, count }) => ({
      name: subject.name,
      sample: () => phase.take(subject, count),
    })),
    warmUps: 0,
    rounds,
    leastRounds: Math.min(rounds, LEAST_ROUNDS),
    budgetMs: subjectBudgetMs * ready.length,
    subjectBudgetMs,
    clock: context.clock,
    random: seededRandom(context.seed),
    signal: context.signal,
    progress: ({ name, done, of }) => progress.step(name, CALIBRATION_SHARE + (1 - CALIBRATION_SHARE) * (done / of)),
  });
  for (const { subject, count } of ready) {
    const { name } = subject;
    const outcome = taken.get(name) ?? { failed: 'no sample was taken' };
    outcomes.set(name, 'failed' in outcome ? outcome : { ...outcome, count });
  }
  return outcomes;
}

async function tryCalibrate<Subject extends Named, Sample extends Timed>(
  { take, least, most, expected }: Phase<Subject, Sample>,
  subject: Subject,
  { context, sampleSeconds, warmSeconds }: PhasesOptions<Subject>,
): Promise<Calibration | { readonly failed: string }> {
  try {
    return await calibrate({
      run: async (count) => (await take(subject, count)).seconds,
      seconds: sampleSeconds,
      warmSeconds,
      least,
      ...(most === undefined ? {} : { most }),
      expected: expected?.(subject.name),
    });
  } catch (error) {
    context.signal.throwIfAborted();
    return { failed: toError(error).message };
  }
}

/** Seconds that each took, as far as it is known; what was not run was to be of the fewest. */
export function secondsEach(outcome: PhaseOutcome<Timed> | undefined, least: number): number | undefined {
  if (outcome === undefined || 'failed' in outcome) return undefined;
  if ('projectedSeconds' in outcome) return outcome.projectedSeconds / least;
  const typical = measured(outcome.samples.map(({ seconds }) => seconds));
  return 'median' in typical ? typical.median / outcome.count : undefined;
}

/** The cell of one figure of a subject's samples. */
export function cellOf<Sample>(outcome: PhaseOutcome<Sample> | undefined, figure: (sample: Sample) => number): Cell {
  if (outcome === undefined) return { notRun: 'not part of this run' };
  if ('failed' in outcome) return outcome;
  if ('samples' in outcome) return measured(outcome.samples.map(figure));
  return { notRun: 'takes too long', projectedSeconds: outcome.projectedSeconds };
}
