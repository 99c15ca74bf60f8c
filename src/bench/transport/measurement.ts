import { toError } from '../../kernel/index.ts';
import type { BenchContext } from '../bench.ts';
import { measured, median, type Cell } from '../report.ts';
import { StagedProgress } from '../staged-progress.ts';
import type { Contender } from './contenders.ts';
import type { GivenFrames } from './job-client.ts';
import type { Pair } from './pair.ts';
import { cellOf, runPhase, secondsEach, type Phase, type PhaseOutcomes, type PhasesOptions } from '../phases.ts';
import { IN_FLIGHT, MESSAGE_LENGTH, PIECE_LENGTH, timesOf, type Plan } from './plan.ts';

/** All that is measured of one contender. */
export interface ContenderFigures {
  readonly contender: Contender;
  /** Bytes a second, by bytes in a frame. */
  readonly throughput: ReadonlyMap<number, Cell>;
  /** Times a second, by messages in flight. */
  readonly roundTrips: ReadonlyMap<number, Cell>;
  /** Seconds. */
  readonly setUp: Cell;
  /** Processor seconds for 1 GiB in frames of PIECE_LENGTH. */
  readonly cpu: Sides;
  /** Bytes. */
  readonly memory: Sides;
}

/** One figure of the process that sends, and of the one that receives. */
export interface Sides {
  readonly giving: Cell;
  readonly taking: Cell;
}

export interface MeasureOptions {
  readonly context: Pick<BenchContext, 'clock' | 'seed' | 'signal' | 'progress'>;
  readonly pairs: readonly Pair[];
  readonly plan: Plan;
}

type Given = GivenFrames & { readonly bytes: number };
interface Counted {
  readonly seconds: number;
  readonly count: number;
}
interface Connected {
  readonly seconds: number;
  readonly each: readonly number[];
}

const GIB = 2 ** 30;
/** Of the longest frames this many make a sample at least: fewer would measure the first and the last of them. */
const LEAST_FRAMES = 4;
const LEAST_CONNECTIONS = 5;
const MOST_CONNECTIONS = 100;

/** Takes all samples of all pairs, one phase after the other; within each, pairs take turns. */
export async function measure({ context, pairs, plan }: MeasureOptions): Promise<readonly ContenderFigures[]> {
  const phases = [...plan.lengths.map(givingPhase), ...IN_FLIGHT.map(exchangePhase), connectPhase()];
  const options: PhasesOptions<Pair> = {
    context,
    subjects: pairs,
    progress: new StagedProgress(
      context.progress,
      phases.map(({ stage }) => stage),
    ),
    rounds: plan.rounds,
    ...timesOf(plan, pairs.length),
  };
  const throughput = new Map<number, PhaseOutcomes<Given>>();
  for (const [index, length] of plan.lengths.entries()) {
    const shorter = plan.lengths[index - 1];
    const before = shorter === undefined ? undefined : throughput.get(shorter);
    // A frame takes no longer than its bytes took in shorter frames.
    const expected = (name: string) =>
      (secondsEach(before?.get(name), LEAST_FRAMES) ?? 0) * (length / (shorter ?? length));
    throughput.set(length, await runPhase({ ...givingPhase(length), expected }, options));
  }
  const roundTrips = new Map<number, PhaseOutcomes<Counted>>();
  for (const inFlight of IN_FLIGHT) roundTrips.set(inFlight, await runPhase(exchangePhase(inFlight), options));
  const connections = await runPhase(connectPhase(), options);

  const figures: ContenderFigures[] = [];
  for (const pair of pairs) {
    const { name } = pair.contender;
    const pieces = throughput.get(PIECE_LENGTH)?.get(name);
    figures.push({
      contender: pair.contender,
      throughput: cellsOf(throughput, name, ({ bytes, seconds }) => bytes / seconds),
      roundTrips: cellsOf(roundTrips, name, ({ count, seconds }) => count / seconds),
      setUp: cellOf(connections.get(name), ({ each }) => median(each)),
      cpu: {
        giving: cellOf(pieces, ({ givingCpuSeconds, bytes }) => (givingCpuSeconds / bytes) * GIB),
        taking: cellOf(pieces, ({ takingCpuSeconds, bytes }) => (takingCpuSeconds / bytes) * GIB),
      },
      memory: await peakMemory(pair, context.signal),
    });
  }
  return figures;
}

/** The figures of a contender of which there can be none. */
export function failedFigures(contender: Contender, failed: string, { lengths }: Plan): ContenderFigures {
  const cell: Cell = { failed };
  const sides: Sides = { giving: cell, taking: cell };
  return {
    contender,
    throughput: new Map(lengths.map((length) => [length, cell])),
    roundTrips: new Map(IN_FLIGHT.map((inFlight) => [inFlight, cell])),
    setUp: cell,
    cpu: sides,
    memory: sides,
  };
}

function givingPhase(length: number): Phase<Pair, Given> {
  return {
    stage: { label: `frames of ${length} bytes`, weight: 2 },
    least: LEAST_FRAMES,
    take: async (pair, frames) => ({
      ...(await pair.giving({ ask: 'give', frames, length })),
      bytes: frames * length,
    }),
  };
}

function exchangePhase(inFlight: number): Phase<Pair, Counted> {
  return {
    stage: { label: `round trips, ${inFlight} in flight`, weight: 2 },
    least: 2 * inFlight,
    take: async (pair, count) => ({
      seconds: await pair.giving({ ask: 'exchange', frames: count, length: MESSAGE_LENGTH, inFlight }),
      count,
    }),
  };
}

function connectPhase(): Phase<Pair, Connected> {
  return {
    stage: { label: 'connections', weight: 1 },
    least: LEAST_CONNECTIONS,
    most: MOST_CONNECTIONS,
    take: async (pair, times) => {
      const each = await pair.giving({ ask: 'connect', times, length: MESSAGE_LENGTH });
      return { seconds: each.reduce((sum, one) => sum + one, 0), each };
    },
  };
}

async function peakMemory(pair: Pair, signal: AbortSignal): Promise<Sides> {
  const ask = async (side: 'giving' | 'taking'): Promise<Cell> => {
    try {
      return measured([await pair[side]({ ask: 'peakMemory' })]);
    } catch (error) {
      signal.throwIfAborted();
      return { failed: toError(error).message };
    }
  };
  const [giving, taking] = await Promise.all([ask('giving'), ask('taking')]);
  return { giving, taking };
}

function cellsOf<Sample>(
  outcomes: ReadonlyMap<number, PhaseOutcomes<Sample>>,
  name: string,
  figure: (sample: Sample) => number,
): ReadonlyMap<number, Cell> {
  return new Map([...outcomes].map(([key, byName]) => [key, cellOf(byName.get(name), figure)]));
}
