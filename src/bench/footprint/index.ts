import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../kernel/index.ts';
import { systemRandom } from '../../kit/index.ts';
import { makeSharedKey } from '../../node/identity/shared-key.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { BenchResult } from '../report.ts';
import { StagedProgress } from '../staged-progress.ts';
import { footprintSections } from './footprint-sections.ts';
import { peersRole } from './peers-role.ts';
import { startTimes } from './start-times.ts';
import { watchIdle, type IdlePlan } from './watch-idle.ts';

/** What a node takes that does nothing. */
export const footprint: Bench = {
  name: 'footprint',
  about: 'profiles: start time, and idle processor time and memory with 0, 4 and 64 connections',
  kinds: [],
  workers: { peers: peersRole },
  run: (context) => compareFootprints(context, context.quick ? QUICK_PLAN : FULL_PLAN),
};

/** How much is measured. */
export interface FootprintPlan extends IdlePlan {
  /** Starts of each profile. */
  readonly starts: number;
}

const CONNECTIONS: readonly number[] = [0, 4, 64];
const FULL_PLAN: FootprintPlan = { starts: 11, connections: CONNECTIONS, settleMs: 10_000, watchMs: 6_000, samples: 7 };
const QUICK_PLAN: FootprintPlan = { starts: 2, connections: CONNECTIONS, settleMs: 1_000, watchMs: 2_000, samples: 2 };

/** More would disturb each other; those that the config names first are compared. */
const MOST_PROFILES = 8;
/** What the process that does nothing is called. */
const REFERENCE = 'Node.js alone';

const METHOD: readonly string[] = [
  'Real processes of `peerhold start --json`, each with an empty folder of its own. The start is timed from the making of the process until ' +
    'its line `ready`, profiles in turn in an order drawn anew for each round. The reference is a Node.js process that does nothing.',
  'To be watched, the node of every profile runs at the same time and for the same seconds, so that whatever else happens on the machine ' +
    'meets all alike. Its peers are whole nodes of the same profile in one process of their own for each, with folders in memory, connected to ' +
    'nobody but it. The limit on direct connections is raised for it, in a config that is the same otherwise.',
  'A profile whose transport stays within a process is watched without connections only.',
  'Processor time is what the process itself counts (getrusage), memory what of it is in RAM, shared libraries and Node.js itself included. A ' +
    'module of a few lines, loaded before the program, tells both when asked.',
];

/** Measures, by the plan, the profiles of the config in use. */
export async function compareFootprints(context: BenchContext, plan: FootprintPlan): Promise<BenchResult> {
  const directory = await mkdtemp(join(tmpdir(), 'peerhold-bench-'));
  const { connections } = plan;
  const all = Object.keys((context.config as Config).profiles);
  const profiles = all.slice(0, MOST_PROFILES);
  const starting = { label: 'starts', weight: profiles.length * (plan.starts + 1) * START_SECONDS };
  const watching = connections.map((count) => ({ count, label: `${count} connections`, weight: idleSeconds(plan) }));
  const progress = new StagedProgress(context.progress, [starting, ...watching]);
  const nodes = { context, profiles, directory, sharedKey: makeSharedKey(systemRandom()), progress };
  try {
    progress.begin(starting);
    const starts = await startTimes({ ...nodes, reference: REFERENCE, rounds: plan.starts });
    const watched = await watchIdle({ ...nodes, reference: REFERENCE, plan, stages: watching });
    return {
      title: 'Start time and idle footprint',
      method: METHOD,
      notes: all
        .slice(MOST_PROFILES)
        .map((name) => `Left out is the profile ${name}: the first ${MOST_PROFILES} are compared.`),
      sections: footprintSections({ reference: REFERENCE, profiles, connections, starts, watched }),
    };
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What one start takes, about: for the progress only. */
const START_SECONDS = 0.5;

function idleSeconds({ settleMs, watchMs, samples }: FootprintPlan): number {
  return (settleMs + watchMs * samples) / 1_000;
}
