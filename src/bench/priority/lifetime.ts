import type { Clock, NeighbourPriority, NodeId, RankedNeighbour } from '../../kernel/index.ts';
import { median } from '../report.ts';
import { verifyContent } from './verify.ts';
import { heartbeatsIn, removedIn, rescoredIn, type Changes, type Held, type Workload } from './workload.ts';

/** What is timed, in the order in which it happens to a set. */
export const OPERATIONS = ['insert', 'best', 'iterate', 'rescore', 'heartbeat', 'remove'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** How long operations took, and how many of each there were. */
export type Tally = { readonly [Name in Operation]: { seconds: number; count: number } };

/** How many of the best a node looks at. */
export const BEST = 16;
const BEST_ROUNDS = { least: 50, most: 5_000 };
/**
 * Times that so many rounds are timed. Together they take a millisecond or two, so what else happens on the machine would be as much as they are: the
 * median of all stands for each.
 */
const BEST_BLOCKS = 7;
/** How often a live node asks for the best between two heartbeats. */
const BEST_PER_HEARTBEAT = 3;
const ITERATED = { entries: 200_000, mostRounds: 10 };

/** How many of an operation there are in one life of a set of this size. */
export function countInLife(operation: Operation, size: number): number {
  switch (operation) {
    case 'best':
      return BEST_BLOCKS * bestRoundsIn(size);
    case 'rescore':
      return rescoredIn(size);
    case 'heartbeat':
      return heartbeatsIn(size);
    case 'iterate':
      return iterationsIn(size) * size;
    case 'remove':
      return removedIn(size);
    case 'insert':
      return size;
  }
}

function bestRoundsIn(size: number): number {
  return Math.min(BEST_ROUNDS.most, Math.max(BEST_ROUNDS.least, Math.ceil(size / 2)));
}

function iterationsIn(size: number): number {
  return Math.min(ITERATED.mostRounds, Math.ceil(ITERATED.entries / size));
}

export interface LifetimeOptions {
  readonly create: () => NeighbourPriority;
  readonly workload: Workload;
  /** What is to be done and timed. Without `insert` the set is filled in ascending order, untimed; without `remove` it is left full. */
  readonly operations: ReadonlySet<Operation>;
  readonly clock: Clock;
  readonly tally: Tally;
  /** Whether all that the set holds is compared with what it ought to: takes as long as all the rest, and a second life gives the same answers. */
  readonly verify: boolean;
  /** Called, untimed, when the set is full. */
  readonly whenFull?: (set: NeighbourPriority) => void;
}

/**
 * One life of a set: filled, asked, changed, emptied (a very large one in part). Every answer is checked, those that take long outside the time measured
 * and where `verify` says so.
 *
 * @throws Error where an answer is wrong; then the times mean nothing.
 */
export function liveOnce({ create, workload, operations, clock, tally, verify, whenFull }: LifetimeOptions): void {
  const { size, heartbeats, removed } = workload;
  // What the set ought to hold; the workload itself is used again.
  const held = { scores: Float64Array.from(workload.scores), ids: [...workload.ids] };
  const set = create();
  const time = (operation: Operation, work: () => void, blocks = 1) => {
    if (!operations.has(operation)) return;
    const durations = Array.from({ length: blocks }, () => {
      const started = clock.now();
      work();
      return (clock.now() - started) / 1_000;
    });
    tally[operation].seconds += blocks * median(durations);
    tally[operation].count += countInLife(operation, size);
  };
  if (!operations.has('insert')) insertAscending(set, held);
  time('insert', () => insertAll(set, held));
  whenFull?.(set);
  const best: RankedNeighbour[] = [];
  const takeBestOften = () => {
    for (let round = 0; round < bestRoundsIn(size); round++) takeBest(set, best);
  };
  // Once untimed: where garbage was collected for the weighing, compiled code went with it.
  if (operations.has('best')) takeBestOften();
  time('best', takeBestOften, BEST_BLOCKS);
  time('iterate', () => {
    for (let round = 0; round < iterationsIn(size); round++) iterateAll(set, size);
  });
  if (verify) verifyContent(set, held, operations.has('best') ? best : []);
  time('rescore', () => rescore(set, held, workload.rescored));
  time('heartbeat', () => {
    for (const { rescored, replaced } of heartbeats) {
      rescore(set, held, rescored);
      for (let round = 0; round < BEST_PER_HEARTBEAT; round++) takeBest(set, best);
      if (replaced === undefined) continue;
      const { place, id, score } = replaced;
      expectTrue(set.remove({ score: held.scores[place] as number, id: held.ids[place] as NodeId }), 'remove', place);
      expectTrue(set.insert({ score, id }), 'insert', place);
      held.scores[place] = score;
      held.ids[place] = id;
    }
  });
  if (verify) verifyContent(set, held, []);
  time('remove', () => {
    for (const place of removed)
      expectTrue(set.remove({ score: held.scores[place] as number, id: held.ids[place] as NodeId }), 'remove', place);
  });
  if (!operations.has('remove')) return;
  const left = size - removed.length;
  if (set.size !== left || (set[Symbol.iterator]().next().done === true) !== (left === 0))
    throw new Error(`holds ${set.size} entries when ${removed.length} of ${size} are removed`);
}

/** An object for each call, as a node makes them: what a set keeps of it is its own. */
export function insertAll(set: NeighbourPriority, { scores, ids }: Held | Workload): void {
  for (let place = 0; place < ids.length; place++)
    expectTrue(set.insert({ score: scores[place] as number, id: ids[place] as NodeId }), 'insert', place);
}

/** Fills what becomes the same whatever the order, in the order that costs least. */
function insertAscending(set: NeighbourPriority, { scores, ids }: Held): void {
  const places = Uint32Array.from(ids, (_, place) => place);
  places.sort((a, b) => {
    const difference = (scores[a] as number) - (scores[b] as number);
    return difference !== 0 ? difference : (ids[a] as NodeId) < (ids[b] as NodeId) ? -1 : 1;
  });
  for (const place of places)
    expectTrue(set.insert({ score: scores[place] as number, id: ids[place] as NodeId }), 'insert', place);
}

function rescore(set: NeighbourPriority, held: Held, { places, scores }: Changes): void {
  for (let index = 0; index < places.length; index++) {
    const place = places[index] as number;
    const id = held.ids[place] as NodeId;
    const score = scores[index] as number;
    expectTrue(set.remove({ score: held.scores[place] as number, id }), 'remove', place);
    expectTrue(set.insert({ score, id }), 'insert', place);
    held.scores[place] = score;
  }
}

function takeBest(set: NeighbourPriority, best: RankedNeighbour[]): void {
  best.length = 0;
  for (const neighbour of set) if (best.push(neighbour) === BEST) return;
}

function iterateAll(set: NeighbourPriority, size: number): void {
  let count = 0;
  let last = -Infinity;
  for (const { score } of set) {
    count += 1;
    if (score < last) throw new Error(`iterates out of order: ${score} after ${last}`);
    last = score;
  }
  if (count !== size) throw new Error(`iterates over ${count} entries of ${size}`);
}

function expectTrue(answer: boolean, call: string, place: number): void {
  if (!answer) throw new Error(`${call} of neighbour ${place} said false, expected true`);
}
