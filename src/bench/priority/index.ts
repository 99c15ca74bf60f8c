import { toError } from '../../kernel/index.ts';
import { seededRandom } from '../../kit/index.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { interleave } from '../interleave.ts';
import type { BenchResult } from '../report.ts';
import { OPERATIONS } from './lifetime.ts';
import { methodOf } from './method.ts';
import { stagesOf, type Stage } from './plan.ts';
import { leftOutOf, sectionsOf, type StageResult } from './results.ts';
import { SubjectProcess } from './subject-process.ts';
import { subjectRole, type SubjectSample } from './subject-role.ts';
import { SORTED_ARRAY, SORTED_BTREE, prioritySubjects } from './subjects.ts';

/** Compares the ways to keep neighbours in order. */
export const priority: Bench = {
  name: 'priority',
  about: 'the ways to keep neighbours in order: trees against a package and a sorted array',
  kinds: ['neighbourPriority'],
  workers: { subject: subjectRole },
  run: (context) => runPriority(context, stagesOf(context.quick)),
};

/** Who has taken this part of a stage's time has no more samples. */
const SLOW_SHARE = 4;

/** A machine that is so far behind the plan is slow, or busy: from there on one sample of each has to do, so that the run ends. */
const LATE_FACTOR = 1.4;
const LATE_MS = 15_000;

/** Runs the stages given; every subject has a process, and one works at a time. */
export async function runPriority(context: BenchContext, stages: readonly Stage[]): Promise<BenchResult> {
  const subjects = await prioritySubjects(context);
  const names = subjects.map(({ name }) => name);
  const processes = await Promise.all(subjects.map((subject) => SubjectProcess.start(context, subject)));
  const failed = new Map<string, string>();
  const fail = (name: string, error: unknown) => {
    context.signal.throwIfAborted();
    failed.set(name, toError(error).message);
  };
  try {
    for (const process of processes) {
      context.progress({ fraction: 0, label: `checking the answers of ${process.name}` });
      await process.check().catch((error: unknown) => fail(process.name, error));
    }
    const results: StageResult[] = [];
    const total = stages.reduce((sum, { budgetMs }) => sum + budgetMs, 0);
    const started = context.clock.now();
    let before = 0;
    for (const planned of stages) {
      const late = context.clock.now() - started > before * LATE_FACTOR + LATE_MS;
      const stage = late ? { ...planned, leastRounds: 1 } : planned;
      const report = (share: number, label: string) =>
        context.progress({ fraction: (before + share * stage.budgetMs) / total, label });
      const sound = processes.filter(({ name }) => !failed.has(name));
      results.push(await runStage(context, stage, sound, report, fail));
      before += stage.budgetMs;
    }
    const reference = names.includes(SORTED_BTREE) ? SORTED_BTREE : SORTED_ARRAY;
    return {
      title: 'Ways to keep neighbours in order',
      method: methodOf(context, names),
      sections: sectionsOf(names, reference, results, failed),
    };
  } finally {
    await Promise.all(processes.map((process) => process.close()));
  }
}

async function runStage(
  context: BenchContext,
  stage: Stage,
  processes: readonly SubjectProcess[],
  report: (share: number, label: string) => void,
  fail: (name: string, error: unknown) => void,
): Promise<StageResult> {
  const { size, order, budgetMs, leastRounds, mostRounds, warmUps, entriesInSample } = stage;
  const { clock, seed, signal } = context;
  const label = `${size.toLocaleString('en-US')} neighbours, ${order}`;
  const taking = processes.filter((process) => process.affordable(size, order).length > 0);
  const leftOut = new Map(processes.map((process) => [process.name, leftOutOf(process, size, order)]));
  report(0, label);
  // All at once: no time is taken meanwhile.
  const bytes = new Map<string, number | undefined>();
  const prepare = async (process: SubjectProcess) => {
    try {
      await process.prepare(size, order);
      bytes.set(process.name, await process.bytesPerEntry());
    } catch (error) {
      fail(process.name, error);
    }
  };
  await Promise.all(taking.map(prepare));
  const started = clock.now();
  const outcomes = await interleave({
    subjects: taking
      .filter(({ name }) => bytes.has(name))
      .map((process) => {
        const operations = process.affordable(size, order);
        return { name: process.name, sample: () => process.sample(operations, entriesInSample) };
      }),
    warmUps,
    rounds: mostRounds,
    leastRounds,
    budgetMs,
    subjectBudgetMs: budgetMs / SLOW_SHARE,
    clock,
    random: seededRandom(seed),
    signal,
    progress: ({ name }) => report(Math.min(1, (clock.now() - started) / budgetMs), `${label}: ${name}`),
  });
  const samples = new Map<string, readonly SubjectSample[]>();
  for (const process of taking) {
    const outcome = outcomes.get(process.name);
    if (outcome === undefined) continue;
    if ('failed' in outcome) {
      fail(process.name, new Error(outcome.failed));
      continue;
    }
    learn(process, stage, outcome.samples);
    const [first, ...others] = outcome.samples;
    const bytesPerEntry = bytes.get(process.name) ?? first?.bytesPerEntry;
    if (first !== undefined) samples.set(process.name, [{ ...first, bytesPerEntry }, ...others]);
  }
  return { size, order, samples, leftOut };
}

/** Takes down how long everything took, to tell what the next size would cost. */
function learn(process: SubjectProcess, { size, order }: Stage, samples: readonly SubjectSample[]): void {
  const projection = process.projectionOf(order);
  for (const operation of OPERATIONS) {
    const times = samples.flatMap((sample) => sample.times[operation] ?? []);
    if (times.length > 0) projection.add(operation, { size, each: Math.min(...times) });
  }
}
