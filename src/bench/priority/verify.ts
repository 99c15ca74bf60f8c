import { compareNeighbours, type NeighbourPriority, type RankedNeighbour } from '../../kernel/index.ts';
import { seededRandom } from '../../kit/index.ts';
import { SortedArray } from './sorted-array.ts';
import { placeOf, type Held } from './workload.ts';

const MEMBERS_ASKED = 16;
const MODEL_STEPS = 4_000;
const MODEL_IDS = 40;
const MODEL_SCORES = 60;
const MODEL_READ_EVERY = 250;

/**
 * Expects a set to hold exactly these neighbours, in order, and the best of it to be those that were taken. Since each entry found comes
 * strictly after the one before and is the one held at its place, as many as are held are all of them.
 *
 * @throws Error that says what differs.
 */
export function verifyContent(set: NeighbourPriority, { scores, ids }: Held, best: readonly RankedNeighbour[]): void {
  if (set.size !== ids.length) throw new Error(`says it holds ${set.size} entries, expected ${ids.length}`);
  let count = 0;
  let before: RankedNeighbour | undefined;
  for (const found of set) {
    const place = placeOf(found.id);
    if (ids[place] !== found.id || scores[place] !== found.score)
      throw new Error(`holds ${show(found)} at ${count}, which it should not`);
    if (before !== undefined && compareNeighbours(before, found) >= 0)
      throw new Error(`has ${show(found)} after ${show(before)}`);
    const taken = best[count];
    if (taken !== undefined && compareNeighbours(taken, found) !== 0)
      throw new Error(`gave ${show(taken)} among the best, expected ${show(found)}`);
    before = found;
    count += 1;
  }
  if (count !== ids.length) throw new Error(`iterates over ${count} entries, expected ${ids.length}`);
  if (best.length > count) throw new Error(`gave ${best.length} of the best, of ${count} entries`);
  verifyMembers(set, { scores, ids });
}

function verifyMembers(set: NeighbourPriority, { scores, ids }: Held): void {
  const step = Math.max(1, Math.floor(ids.length / MEMBERS_ASKED));
  for (let place = 0; place < ids.length; place += step) {
    const id = ids[place] ?? '';
    const score = scores[place] ?? 0;
    if (!set.has({ score, id })) throw new Error(`does not have ${show({ score, id })}, which it iterates over`);
    if (set.has({ score: score + 0.001, id })) throw new Error(`has ${id} under a score that it does not have`);
  }
}

/**
 * Expects the answers of a sorted array to a few thousand operations, on so few scores and ids that they often meet what is there.
 *
 * @throws Error that says what differs.
 */
export function verifyAgainstModel(set: NeighbourPriority, seed: number): void {
  const random = seededRandom(seed);
  const choose = (count: number) => Math.floor(random.fraction() * count);
  const model = new SortedArray();
  for (let step = 0; step < MODEL_STEPS; step++) {
    const neighbour = { score: choose(MODEL_SCORES) / 4, id: String(choose(MODEL_IDS)) };
    const call = random.fraction() < (step < MODEL_STEPS / 2 ? 0.7 : 0.4) ? 'insert' : 'remove';
    const [found, expected] = [set[call]({ ...neighbour }), model[call](neighbour)];
    if (found !== expected) throw new Error(`${call} of ${show(neighbour)} said ${found}, expected ${expected}`);
    if (set.size !== model.size) throw new Error(`says it holds ${set.size} entries, expected ${model.size}`);
    if (set.has(neighbour) !== model.has(neighbour)) throw new Error(`has of ${show(neighbour)} is wrong`);
    if (step % MODEL_READ_EVERY === 0 && [...set].map(show).join() !== [...model].map(show).join())
      throw new Error(`iterates otherwise than a sorted array after ${step} operations`);
  }
}

function show({ score, id }: RankedNeighbour): string {
  return `(${score}, ${id})`;
}
