import type { NeighbourPriority } from '../../kernel/index.ts';
import type { BenchSetting } from '../bench.ts';
import { bytesPerEntry, isMeasuredAlone, liveBytes } from './heap.ts';
import { OPERATIONS, liveOnce, type Operation, type Tally } from './lifetime.ts';
import { prioritySubjects, type PrioritySubject } from './subjects.ts';
import { verifyAgainstModel } from './verify.ts';
import { makeWorkload, type InputOrder, type Workload } from './workload.ts';

/** What the process of a subject is asked, one at a time. */
export type SubjectQuestion =
  /** To compare its answers with a sorted array's, before anything is timed. */
  | { readonly ask: 'check'; readonly subject: string; readonly seed: number }
  /** To draw what the samples that follow work on. */
  | { readonly ask: 'prepare'; readonly seed: number; readonly size: number; readonly order: InputOrder }
  | { readonly ask: 'sample'; readonly operations: readonly Operation[]; readonly entries: number }
  /** For the bytes per entry of a small set, or undefined; of large ones the first sample tells. */
  | { readonly ask: 'bytes' };

/** One sample. */
export interface SubjectSample {
  /** Seconds for one of each operation. */
  readonly times: Readonly<Partial<Record<Operation, number>>>;
  /** Of a large set, in the first sample of a stage. */
  readonly bytesPerEntry?: number | undefined;
  readonly figures: Readonly<Record<string, number>>;
}

/** Holds one subject in a process of its own: what one leaves on the heap, or in the compiler, does not meet another. */
export async function subjectRole(setting: BenchSetting): Promise<(question: unknown) => Promise<unknown>> {
  const subjects = await prioritySubjects(setting);
  let subject: PrioritySubject | undefined;
  let workload: Workload | undefined;
  /** Whether a set of this workload was compared with what it ought to hold and, if large, weighed, which takes a collection of all garbage, twice. */
  let inspected = false;
  return async (asked) => {
    const question = asked as SubjectQuestion;
    switch (question.ask) {
      case 'check':
        subject = subjects.find(({ name }) => name === question.subject);
        if (subject === undefined) throw new Error(`there is no subject ${question.subject}`);
        verifyAgainstModel(subject.create(), question.seed);
        return undefined;
      case 'prepare':
        workload = makeWorkload(question.seed, question.size, question.order);
        inspected = false;
        return undefined;
      case 'sample': {
        if (subject === undefined || workload === undefined)
          throw new Error('a sample was asked for before its workload');
        const isFirst = !inspected;
        inspected = true;
        return takeSample(subject, workload, { ...question, isFirst }, setting);
      }
      case 'bytes':
        if (subject === undefined || workload === undefined) return undefined;
        return isMeasuredAlone(workload.size) ? undefined : bytesPerEntry(subject.create, workload, setting.clock);
    }
  };
}

function takeSample(
  { create, inspect }: PrioritySubject,
  workload: Workload,
  {
    operations,
    entries,
    isFirst,
  }: { readonly operations: readonly Operation[]; readonly entries: number; readonly isFirst: boolean },
  { clock }: BenchSetting,
): SubjectSample {
  const tally = emptyTally();
  let figures: Readonly<Record<string, number>> = {};
  let bytes: number | undefined;
  const life = { create, workload, operations: new Set(operations), clock, tally };
  if (isFirst && isMeasuredAlone(workload.size)) {
    let before: number | undefined;
    const counted = (): NeighbourPriority => {
      before = liveBytes();
      return create();
    };
    const whenFull = (set: NeighbourPriority) => {
      const after = liveBytes();
      if (before !== undefined && after !== undefined) bytes = (after - before) / set.size;
      figures = inspect(set);
    };
    liveOnce({ ...life, create: counted, whenFull, verify: true });
  } else {
    const lives = Math.ceil(entries / workload.size);
    for (let index = 0; index < lives; index++)
      liveOnce({ ...life, whenFull: (set) => (figures = inspect(set)), verify: isFirst && index === 0 });
  }
  const times = Object.fromEntries(
    operations.map((operation) => {
      const { seconds, count } = tally[operation];
      return [operation, seconds / count];
    }),
  );
  return { times, bytesPerEntry: bytes, figures };
}

function emptyTally(): Tally {
  return Object.fromEntries(OPERATIONS.map((operation) => [operation, { seconds: 0, count: 0 }])) as unknown as Tally;
}
