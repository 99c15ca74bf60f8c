import type { Bench, BenchContext } from '../bench.ts';
import { runPhase, secondsEach, type Phase, type PhaseOutcomes, type PhasesOptions } from '../phases.ts';
import { pluginSubjects } from '../plugin-subjects.ts';
import type { BenchResult } from '../report.ts';
import { StagedProgress } from '../staged-progress.ts';
import { CipherProcess } from './cipher-process.ts';
import { cipherRole } from './cipher-role.ts';
import { DIRECTIONS, cipherSections, type Counted, type Direction } from './cipher-sections.ts';

/** Every cipher, sealing and opening records of many lengths. */
export const cipher: Bench = {
  name: 'cipher',
  about: 'ciphers: sealing and opening records of 64 B to 1 MiB, and the bytes they add',
  kinds: ['cipher'],
  workers: { cipher: cipherRole },
  run: (context) => compareCiphers(context, context.quick ? QUICK_PLAN : FULL_PLAN),
};

/** How much is measured. */
export interface CipherPlan {
  /** Bytes in a plaintext, rising. */
  readonly lengths: readonly number[];
  /** Samples of each cell. */
  readonly rounds: number;
  /** Seconds of one sample. */
  readonly sampleSeconds: number;
}

const LENGTHS: readonly number[] = [64, 256, 1_024, 4 * 1_024, 16 * 1_024, 64 * 1_024, 256 * 1_024, 1_024 * 1_024];
const FULL_PLAN: CipherPlan = { lengths: LENGTHS, rounds: 21, sampleSeconds: 0.1 };
const QUICK_PLAN: CipherPlan = { lengths: LENGTHS, rounds: 9, sampleSeconds: 0.03 };

/** Time for warming up, in samples. */
const WARM_SAMPLES = 3;

const METHOD: readonly string[] = [
  'Each cipher works in a process of its own, on one thread, through the contract that nodes use: a record sealed with the next number, a ' +
    'record opened with its number. The memory of the results is part of the time, as it is in a node.',
  'Before a length is measured, a record of it is sealed and opened again and compared; a cipher that calls itself authenticated must also ' +
    'refuse it with a bit changed at the beginning, in the middle and at the end, and under another number.',
  'How many records make a sample is found by trials before, which also have the code compiled. Samples are interleaved in an order drawn ' +
    'anew for each round. Records are opened in turn out of 4 MiB of them, at most 1,024.',
];

/** Measures, by the plan, whatever ciphers the context has. */
export async function compareCiphers(context: BenchContext, plan: CipherPlan): Promise<BenchResult> {
  const ciphers: CipherProcess[] = [];
  try {
    for (const [place, { name }] of pluginSubjects('cipher', context).entries()) {
      ciphers.push(await CipherProcess.start(context, { name, place }));
    }
    const outcomes = await measure(ciphers, context, plan);
    return { title: 'Ciphers', method: METHOD, sections: cipherSections(ciphers, outcomes) };
  } finally {
    await Promise.all(ciphers.map((each) => each.close()));
  }
}

type Outcomes = ReadonlyMap<Direction, ReadonlyMap<number, PhaseOutcomes<Counted>>>;

async function measure(
  ciphers: readonly CipherProcess[],
  context: BenchContext,
  { lengths, rounds, sampleSeconds }: CipherPlan,
): Promise<Outcomes> {
  const stages = lengths.flatMap((length) => DIRECTIONS.map((direction) => phaseOf(direction, length).stage));
  const progress = new StagedProgress(context.progress, stages);
  const warmSeconds = WARM_SAMPLES * sampleSeconds;
  const options: PhasesOptions<CipherProcess> = {
    context,
    subjects: ciphers,
    progress,
    rounds,
    sampleSeconds,
    warmSeconds,
  };
  const outcomes = new Map(DIRECTIONS.map((direction) => [direction, new Map<number, PhaseOutcomes<Counted>>()]));
  for (const [index, length] of lengths.entries()) {
    for (const cipher of ciphers) await checkOf(cipher, length, context.signal);
    for (const [direction, byLength] of outcomes) {
      const shorter = lengths[index - 1] ?? length;
      // A record takes no longer than its bytes took in shorter ones.
      const expected = (name: string) => (secondsEach(byLength.get(shorter)?.get(name), 1) ?? 0) * (length / shorter);
      byLength.set(length, await runPhase({ ...phaseOf(direction, length), expected }, options));
    }
  }
  return outcomes;
}

/** A cipher that fails the check goes on to fail whatever it is asked: the reason stands in its cells. */
async function checkOf(cipher: CipherProcess, length: number, signal: AbortSignal): Promise<void> {
  await cipher.check(length).catch(() => signal.throwIfAborted());
}

function phaseOf({ ask, doing }: Direction, length: number): Phase<CipherProcess, Counted> {
  return {
    stage: { label: `records of ${length} bytes ${doing}`, weight: 1 },
    least: 1,
    take: async (cipher, records) => ({ seconds: await cipher.take(ask, length, records), records }),
  };
}
