import type { NodeId, Random } from '../../kernel/index.ts';
import { seededRandom } from '../../kit/index.ts';

/** Orders in which neighbours come, each hard on something. */
export const INPUT_ORDERS = ['random', 'ascending', 'descending', 'clustered'] as const;
export type InputOrder = (typeof INPUT_ORDERS)[number];

/** What is done in one life of a set, drawn beforehand so that drawing it takes no time of what is measured. */
export interface Workload {
  readonly size: number;
  /** Score and id of each neighbour, in the order of insertion. */
  readonly scores: Float64Array;
  readonly ids: readonly NodeId[];
  /** Neighbours to score anew, and to what. */
  readonly rescored: Changes;
  readonly heartbeats: readonly Heartbeat[];
  /** Neighbours in the order in which they are removed: all, or the first REMOVED_MOST. */
  readonly removed: Uint32Array;
}

/** What a set ought to hold, by place. */
export interface Held {
  readonly scores: Float64Array;
  readonly ids: NodeId[];
}

/** Neighbours and their new scores. */
export interface Changes {
  readonly places: Uint32Array;
  readonly scores: Float64Array;
}

/** What a node does between two heartbeats: some scores change, the best are asked for, and now and then somebody goes and another comes. */
export interface Heartbeat {
  readonly rescored: Changes;
  /** Who leaves, and the id of who comes in its place. */
  readonly replaced?: { readonly place: number; readonly id: NodeId; readonly score: number };
}

/** Every so many heartbeats a neighbour is replaced. */
const REPLACED_EVERY = 4;
/** Of the neighbours, this share is scored anew at each heartbeat. */
const HEARTBEAT_SHARE = 0.1;
const CLUSTERS = 64;
const STEPS_IN_CLUSTER = 16;
const SCORE_RANGE = 1_000;
/** Re-scored in one life: enough to be timed, few enough to leave the set what it was. */
const RESCORED = { least: 200, most: 5_000 };
/** A life has so many heartbeats that they change about this many scores together, but at least one. */
const CHANGED_BY_HEARTBEATS = 10_000;
const MOST_HEARTBEATS = 20;
/** Removed in one life, at most: emptying a large set takes seconds, and says nothing that so many do not. */
const REMOVED_MOST = 20_000;

/** The workload of a size and an order; the same for the same seed. */
export function makeWorkload(seed: number, size: number, order: InputOrder): Workload {
  const random = seededRandom(seed * INPUT_ORDERS.length + INPUT_ORDERS.indexOf(order));
  const choosePlace = () => Math.floor(random.fraction() * size);
  const drawScore = order === 'clustered' ? clusteredScores(random) : () => random.fraction() * SCORE_RANGE;
  const scores = drawScores(size, drawScore);
  if (order === 'ascending' || order === 'descending') scores.sort();
  if (order === 'descending') scores.reverse();
  const drawChanges = (count: number): Changes => {
    const places = new Uint32Array(count);
    for (let index = 0; index < count; index++) places[index] = choosePlace();
    return { places, scores: drawScores(count, drawScore) };
  };
  return {
    size,
    scores,
    ids: makeIds(random, size),
    rescored: drawChanges(rescoredIn(size)),
    heartbeats: Array.from({ length: heartbeatsIn(size) }, (_, beat) => {
      const rescored = drawChanges(changedAtHeartbeat(size));
      if (beat % REPLACED_EVERY !== 0) return { rescored };
      const place = choosePlace();
      return { rescored, replaced: { place, id: makeId(random.bytes(ID_LENGTH), place), score: drawScore() } };
    }),
    removed: shuffledPlaces(random, size).slice(0, removedIn(size)),
  };
}

/** How many neighbours are scored anew in one life of a set of this size. */
export function rescoredIn(size: number): number {
  return Math.min(RESCORED.most, Math.max(RESCORED.least, size));
}

/** How many heartbeats there are in one life of a set of this size. */
export function heartbeatsIn(size: number): number {
  return Math.min(MOST_HEARTBEATS, Math.ceil(CHANGED_BY_HEARTBEATS / changedAtHeartbeat(size)));
}

/** How many neighbours are removed in one life of a set of this size. */
export function removedIn(size: number): number {
  return Math.min(REMOVED_MOST, size);
}

function changedAtHeartbeat(size: number): number {
  return Math.max(1, Math.round(size * HEARTBEAT_SHARE));
}

function drawScores(count: number, drawScore: () => number): Float64Array {
  const scores = new Float64Array(count);
  for (let index = 0; index < count; index++) scores[index] = drawScore();
  return scores;
}

function makeIds(random: Random, size: number): NodeId[] {
  const bytes = random.bytes(size * ID_LENGTH);
  const ids: NodeId[] = new Array<NodeId>(size);
  for (let place = 0; place < size; place++)
    ids[place] = makeId(bytes.subarray(place * ID_LENGTH, (place + 1) * ID_LENGTH), place);
  return ids;
}

const ID_LENGTH = 16;
const PLACE_OFFSET = 12;

/**
 * 32 hex digits, as a node's id; the last eight are its place, so that who is found in a set can be looked up. Made in one piece: of
 * text that was put together the engine gives up the parts when it is first compared, in the middle of what is measured.
 */
function makeId(bytes: Uint8Array, place: number): NodeId {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, ID_LENGTH);
  buffer.writeUInt32BE(place, PLACE_OFFSET);
  return buffer.toString('hex');
}

/** The place of a neighbour by its id. */
export function placeOf(id: NodeId): number {
  return Number.parseInt(id.slice(2 * PLACE_OFFSET), 16);
}

/** Few scores that many have: nodes of a few sites, whose measures hardly differ. Then ids decide. */
function clusteredScores(random: Random): () => number {
  const centres = Array.from({ length: CLUSTERS }, () => random.fraction() * SCORE_RANGE);
  const choose = (count: number) => Math.floor(random.fraction() * count);
  return () => (centres[choose(CLUSTERS)] ?? 0) + choose(STEPS_IN_CLUSTER) / 100;
}

function shuffledPlaces(random: Random, size: number): Uint32Array {
  const places = new Uint32Array(size);
  for (let place = 0; place < size; place++) {
    const other = Math.floor(random.fraction() * (place + 1));
    places[place] = places[other] ?? 0;
    places[other] = place;
  }
  return places;
}
