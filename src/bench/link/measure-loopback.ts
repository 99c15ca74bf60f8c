import { toError } from '../../kernel/index.ts';
import { sleep } from '../../kit/index.ts';
import type { BenchContext } from '../bench.ts';
import { runPhase, type Phase, type PhaseOutcomes, type PhasesOptions } from '../phases.ts';
import { measured, type Cell } from '../report.ts';
import type { Stage, StagedProgress } from '../staged-progress.ts';
import type { LinkContender } from './contenders.ts';
import { LoopbackPair } from './loopback-pair.ts';
import { FRAME_LENGTH, MESSAGE_LENGTH, type LoopbackPlan } from './plan.ts';

/** Messages under way at once. */
export const IN_FLIGHT: readonly number[] = [1, 64];

/** One sample of so many frames or messages. */
export interface Counted {
  readonly seconds: number;
  readonly count: number;
}

/** Connections that do nothing, at the end that accepted them. */
export interface IdleCells {
  /** Share of one core, all together. */
  readonly cpu: Cell;
  /** Bytes of each. */
  readonly memory: Cell;
}

/** All that was found within this machine, by contender. */
export interface LoopbackFigures {
  readonly transfer: PhaseOutcomes<Counted>;
  /** By messages in flight. */
  readonly exchanges: ReadonlyMap<number, PhaseOutcomes<Counted>>;
  readonly idle: ReadonlyMap<string, IdleCells>;
}

export interface MeasureLoopbackOptions {
  readonly context: Pick<BenchContext, 'startWorker' | 'clock' | 'signal' | 'seed'>;
  readonly plan: LoopbackPlan;
  readonly progress: StagedProgress;
  /** Who carries the transfer, who the messages, and whose connections stay idle. */
  readonly contenders: {
    readonly transfer: readonly LinkContender[];
    readonly exchange: readonly LinkContender[];
    readonly idle: readonly LinkContender[];
  };
}

const SETTLE_MS = 2_000;

/** The parts of the progress that this takes, in their order. */
export function loopbackStages({ rounds, idleSeconds, idleSamples }: LoopbackPlan) {
  return {
    transfer: { label: 'one transfer', weight: rounds * 4 },
    exchanges: IN_FLIGHT.map((inFlight) => ({
      inFlight,
      stage: { label: `round trips, ${inFlight} in flight`, weight: rounds * 3 },
    })),
    idle: { label: 'idle connections', weight: idleSeconds * idleSamples },
  };
}

/** Measures one transfer, round trips, and idle connections, contender against contender. */
export async function measureLoopback(options: MeasureLoopbackOptions): Promise<LoopbackFigures> {
  const { contenders, plan } = options;
  const stages = loopbackStages(plan);
  const transfer = await withPairs(options, contenders.transfer, async (pairs, failed) => {
    const phase = transferPhase(plan.transferBytes / FRAME_LENGTH, stages.transfer);
    return withFailed(await runPhase(phase, phaseOptions(options, pairs, plan.transferSeconds)), failed);
  });
  const exchanges = await withPairs(options, contenders.exchange, async (pairs, failed) => {
    const found = new Map<number, PhaseOutcomes<Counted>>();
    for (const { inFlight, stage } of stages.exchanges) {
      const sampling = phaseOptions(options, pairs, plan.exchangeSeconds);
      found.set(inFlight, withFailed(await runPhase(exchangePhase(inFlight, stage), sampling), failed));
    }
    return found;
  });
  return { transfer, exchanges, idle: await watchIdle(options, stages.idle) };
}

/** All samples are the same transfer, however long it takes. */
function transferPhase(frames: number, stage: Stage): Phase<LoopbackPair, Counted> {
  return {
    stage,
    least: frames,
    most: frames,
    take: async (pair, count) => ({
      seconds: await pair.dialling({ ask: 'give', frames: count, length: FRAME_LENGTH }),
      count,
    }),
  };
}

function exchangePhase(inFlight: number, stage: Stage): Phase<LoopbackPair, Counted> {
  return {
    stage,
    least: 2 * inFlight,
    take: async (pair, count) => ({
      seconds: await pair.dialling({ ask: 'exchange', frames: count, length: MESSAGE_LENGTH, inFlight }),
      count,
    }),
  };
}

function phaseOptions(
  { context, plan, progress }: MeasureLoopbackOptions,
  subjects: readonly LoopbackPair[],
  sampleSeconds: number,
): PhasesOptions<LoopbackPair> {
  return { context, subjects, progress, rounds: plan.rounds, sampleSeconds, warmSeconds: plan.warmSeconds };
}

/** Why contenders could not be connected, by name. */
type Failures = ReadonlyMap<string, string>;

/** Does something with the connected pairs of contenders, and ends them. */
async function withPairs<T>(
  { context }: MeasureLoopbackOptions,
  contenders: readonly LinkContender[],
  work: (pairs: readonly LoopbackPair[], failed: Failures) => Promise<T>,
): Promise<T> {
  const pairs: LoopbackPair[] = [];
  const connected: LoopbackPair[] = [];
  const failed = new Map<string, string>();
  try {
    for (const contender of contenders) {
      try {
        const pair = await LoopbackPair.open(context, contender);
        pairs.push(pair);
        await pair.dialling({ ask: 'dial', address: await pair.listening({ ask: 'listen' }) });
        connected.push(pair);
      } catch (error) {
        context.signal.throwIfAborted();
        failed.set(contender.name, toError(error).message);
      }
    }
    return await work(connected, failed);
  } finally {
    await Promise.all(pairs.map((pair) => pair.close()));
  }
}

function withFailed(outcomes: PhaseOutcomes<Counted>, failures: Failures): PhaseOutcomes<Counted> {
  return new Map([...outcomes, ...[...failures].map(([name, failed]) => [name, { failed }] as const)]);
}

/** Watches the idle connections of all contenders over the same time. */
async function watchIdle(options: MeasureLoopbackOptions, stage: Stage): Promise<ReadonlyMap<string, IdleCells>> {
  const { context, contenders, progress } = options;
  progress.begin(stage);
  const found = await Promise.all(
    contenders.idle.map(async (contender): Promise<[string, IdleCells]> => {
      try {
        return [contender.name, await watchContender(options, contender)];
      } catch (error) {
        context.signal.throwIfAborted();
        const cell = { failed: toError(error).message };
        return [contender.name, { cpu: cell, memory: cell }];
      }
    }),
  );
  return new Map(found);
}

async function watchContender({ context, plan }: MeasureLoopbackOptions, contender: LinkContender): Promise<IdleCells> {
  const { clock, signal } = context;
  const { idleConnections: count, idleSeconds, idleSamples } = plan;
  const pair = await LoopbackPair.open(context, contender);
  try {
    const address = await pair.listening({ ask: 'listen' });
    // The first connection brings in what all share.
    await pair.dialling({ ask: 'dialIdle', address, count: 1 });
    const before = await pair.listening({ ask: 'memory' });
    await pair.dialling({ ask: 'dialIdle', address, count: count + 1 });
    await sleep(clock, SETTLE_MS, signal);
    const accepted = await pair.listening({ ask: 'accepted' });
    if (accepted <= count) throw new Error(`${accepted} of ${count + 1} connections were accepted`);
    const after = await pair.listening({ ask: 'memory' });
    const shares: number[] = [];
    for (let sample = 0; sample < idleSamples; sample++) {
      const [started, spent] = [clock.now(), await pair.listening({ ask: 'cpuSeconds' })];
      await sleep(clock, idleSeconds * 1_000, signal);
      signal.throwIfAborted();
      const seconds = (clock.now() - started) / 1_000;
      shares.push(((await pair.listening({ ask: 'cpuSeconds' })) - spent) / seconds);
    }
    return { cpu: measured(shares), memory: measured([(after - before) / count]) };
  } finally {
    await pair.close();
  }
}
