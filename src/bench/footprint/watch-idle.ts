import { join } from 'node:path';
import { toError } from '../../kernel/index.ts';
import { sleep } from '../../kit/index.ts';
import type { BenchContext } from '../bench.ts';
import type { SampleOutcome } from '../interleave.ts';
import type { Stage, StagedProgress } from '../staged-progress.ts';
import { IdleNode } from './idle-node.ts';
import { writeRaisedConfig } from './raised-config.ts';
import { NOTHING } from './start-times.ts';
import { WatchedProcess, type IdleFigures } from './watched-process.ts';

/** How nodes are watched. */
export interface IdlePlan {
  /** Direct connections, rising. */
  readonly connections: readonly number[];
  /** Time before a node is watched: what a process does just after a change, such as compiling, is not idleness. */
  readonly settleMs: number;
  /** How long a node is watched for one sample: whole periods of the heartbeat, 2 s by default. */
  readonly watchMs: number;
  readonly samples: number;
}

export interface WatchIdleOptions {
  readonly context: BenchContext;
  readonly plan: IdlePlan;
  readonly profiles: readonly string[];
  /** What a process that does nothing is called. */
  readonly reference: string;
  /** Gets the folders and the config. */
  readonly directory: string;
  readonly sharedKey: Uint8Array;
  readonly progress: StagedProgress;
  /** One for each number of connections. */
  readonly stages: readonly (Stage & { readonly count: number })[];
}

/** By connections, then by profile. */
export type IdleOutcomes = ReadonlyMap<number, ReadonlyMap<string, SampleOutcome<IdleFigures>>>;

/** What is watched: a node, or a process that does nothing. */
interface Watched {
  readonly name: string;
  /** `false` where nobody can connect to it. */
  connect(count: number): Promise<boolean>;
  watch(milliseconds: number): Promise<IdleFigures>;
  close(): Promise<void>;
}

/** More than are made: what a connection of the operator's own would take is not ours to count. */
const SPARE_CONNECTIONS = 16;

/** Watches the nodes of all profiles at the same time, with more and more connections. */
export async function watchIdle(options: WatchIdleOptions): Promise<IdleOutcomes> {
  const { context, plan, progress, stages } = options;
  const failures = new Map<string, string>();
  /** To whom nobody can connect: what they take with connections is not to be had. */
  const apart = new Set<string>();
  const watched: Watched[] = [];
  /** Does something with each; what fails is not watched any more. */
  const withEach = async <T>(work: (each: Watched) => Promise<T>): Promise<ReadonlyMap<string, T>> => {
    const results = new Map<string, T>();
    await Promise.all(
      watched.map(async (each) => {
        if (failures.has(each.name) || apart.has(each.name)) return;
        await work(each).then(
          (result) => results.set(each.name, result),
          (error: unknown) => failures.set(each.name, toError(error).message),
        );
      }),
    );
    context.signal.throwIfAborted();
    return results;
  };
  try {
    await startAll(options, watched, failures);
    const names = [options.reference, ...options.profiles];
    const outcomes = new Map<number, ReadonlyMap<string, SampleOutcome<IdleFigures>>>();
    for (const stage of stages) {
      progress.begin(stage);
      for (const [name, isConnected] of await withEach((each) => each.connect(stage.count)))
        if (!isConnected) apart.add(name);
      await sleep(context.clock, plan.settleMs, context.signal);
      const samples = new Map(names.map((name) => [name, [] as IdleFigures[]]));
      for (let round = 0; round < plan.samples; round++) {
        progress.step('', round / plan.samples);
        const figures = await withEach((each) => each.watch(plan.watchMs));
        for (const [name, figure] of figures) samples.get(name)?.push(figure);
      }
      outcomes.set(
        stage.count,
        new Map([...samples].map(([name, taken]) => [name, outcomeOf(taken, failures.get(name))])),
      );
    }
    return outcomes;
  } finally {
    await Promise.all(watched.map((each) => each.close()));
  }
}

/** Starts the nodes one after the other, each of which needs a processor for a moment, and a process that does nothing. */
async function startAll(options: WatchIdleOptions, watched: Watched[], failures: Map<string, string>): Promise<void> {
  const { context, plan, profiles, reference, directory, sharedKey, progress } = options;
  const config = await writeRaisedConfig(directory, {
    configFile: context.program.config,
    connections: Math.max(...plan.connections) + SPARE_CONNECTIONS,
  });
  watched.push(startNothing(reference, context));
  for (const profile of profiles) {
    progress.step(`starting ${profile}`, 1);
    try {
      const start = { folder: join(directory, `idle-${profile}`), profile, config };
      watched.push(await IdleNode.start({ context, start, sharedKey }));
    } catch (error) {
      context.signal.throwIfAborted();
      failures.set(profile, toError(error).message);
    }
  }
}

function startNothing(name: string, { environment, clock, signal }: BenchContext): Watched {
  const process = new WatchedProcess({ words: NOTHING, environment, withFigures: true, clock, signal });
  return {
    name,
    connect: async () => true,
    watch: (milliseconds) => process.watch(milliseconds),
    close: () => process.close(),
  };
}

function outcomeOf(samples: readonly IdleFigures[], failed: string | undefined): SampleOutcome<IdleFigures> {
  return failed === undefined ? { samples } : { failed };
}
