import type { Random } from '../../src/kernel/index.ts';
import { childRandom } from '../../src/sim/child-seed.ts';
import type { TimelineEvent } from '../../src/sim/scenario/event-schema.ts';
import { scenarioSchema } from '../../src/sim/scenario/scenario.ts';
import { timelineOf } from '../../src/sim/scenario/timeline.ts';
import { initialEdges, nameOf, type Edges } from '../../src/sim/scenario/topology.ts';

/** How a stranger, who does not have the key, keeps a node busy: with datagrams of random bytes, or connections without a word. */
export type FloodKind = 'garbage' | 'silence';

/** A process gets no time, as by SIGSTOP, for so many seconds. */
export interface StopEvent {
  readonly verb: 'stop';
  readonly at: number;
  readonly stop: string;
  readonly seconds: number;
}

/** A stranger floods a node for so many seconds. */
export interface FloodEvent {
  readonly verb: 'flood';
  readonly at: number;
  readonly flood: string;
  readonly with: FloodKind;
  readonly seconds: number;
}

/** One thing that happens, at its time in seconds: what happens in a simulation, and what happens to processes alone. */
export type ChaosEvent = TimelineEvent | StopEvent | FloodEvent;

export interface HistoryOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly seconds: number;
}

/** What a seed brings about. */
export interface History {
  /** Who is told the address of whom at the beginning. */
  readonly edges: Edges;
  /** In order of time. */
  readonly events: readonly ChaosEvent[];
}

/** How often a minute each happens, all nodes together: a process is taken down, or kept from its work, some twice in five seconds. */
const CHURN = {
  ...{ write: 90, delete: 8, get: 150, send: 10, add: 4 },
  ...{ leave: 4, kill: 18, restart: 30, cut: 15, partition: 5 },
  /** Shorter than `deadMs` of these nodes, and longer. */
  cutSeconds: [0.5, 6],
  files: 6,
  /** Of a piece or less, to eight of them, which take a second or two at the rate of these nodes. */
  bytes: [1, 2_000_000],
};
const STOPS_PER_MINUTE = 15;
const STOP_SECONDS = [0.3, 5] as const;
const FLOODS_PER_MINUTE = 12;
const FLOOD_SECONDS = [1, 4] as const;

/** Draws a history. The same seed gives the same; what becomes of it depends on the machine too. */
export function historyOf({ seed, nodes, seconds }: HistoryOptions): History {
  const scenario = scenarioSchema.parse({ nodes, seconds, startGapMs: 0, topology: 'random', churn: CHURN });
  const events: ChaosEvent[] = [
    ...timelineOf(scenario, seed),
    ...times(childRandom(seed, 'times of stop'), { perMinute: STOPS_PER_MINUTE, seconds }).map(
      ({ at, random }): StopEvent => ({
        verb: 'stop',
        at,
        stop: anyNode(nodes, random),
        seconds: between(STOP_SECONDS, random),
      }),
    ),
    ...times(childRandom(seed, 'times of flood'), { perMinute: FLOODS_PER_MINUTE, seconds }).map(
      ({ at, random }): FloodEvent => ({
        verb: 'flood',
        at,
        flood: anyNode(nodes, random),
        with: random.fraction() < 0.5 ? 'garbage' : 'silence',
        seconds: between(FLOOD_SECONDS, random),
      }),
    ),
  ];
  return {
    edges: initialEdges(scenario, childRandom(seed, 'topology')),
    events: events.sort((a, b) => a.at - b.at),
  };
}

/** An event as scenarios write it, but for its time. */
export function describeEvent(event: ChaosEvent): string {
  return Object.entries(event)
    .filter(([key, value]) => key !== 'at' && key !== 'verb' && value !== undefined)
    .map(([key, value]) => `${key}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ')
    .replaceAll('"', '');
}

/** Times with exponential gaps (a Poisson process), each with the randomness to draw the rest from. */
function times(random: Random, { perMinute, seconds }: { readonly perMinute: number; readonly seconds: number }) {
  const found: { readonly at: number; readonly random: Random }[] = [];
  for (let at = 0; ;) {
    at += (-Math.log(1 - random.fraction()) * 60) / perMinute;
    if (at >= seconds) return found;
    found.push({ at: milliseconds(at), random });
  }
}

function anyNode(nodes: number, random: Random): string {
  return nameOf(1 + Math.floor(random.fraction() * nodes));
}

function between([low, high]: readonly [number, number], random: Random): number {
  return milliseconds(low + random.fraction() * (high - low));
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}
