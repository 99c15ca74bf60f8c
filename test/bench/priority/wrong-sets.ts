import { compareNeighbours, type NeighbourPriority, type RankedNeighbour } from '../../../src/kernel/index.ts';
import { SortedArray } from '../../../src/bench/priority/sorted-array.ts';

/** A sound set with one thing changed. */
function changed(change: Partial<NeighbourPriority>): NeighbourPriority {
  const sound = new SortedArray();
  const set: NeighbourPriority = {
    get size() {
      return sound.size;
    },
    insert: (neighbour) => sound.insert(neighbour),
    remove: (neighbour) => sound.remove(neighbour),
    has: (neighbour) => sound.has(neighbour),
    [Symbol.iterator]: () => sound[Symbol.iterator](),
  };
  return Object.defineProperties(set, Object.getOwnPropertyDescriptors(change));
}

/** Ways to be wrong that a fast set might be tempted by. */
export const WRONG_SETS: Readonly<Record<string, () => NeighbourPriority>> = {
  'says every insertion did something': () => {
    const sound = new SortedArray();
    return changed({
      insert: (neighbour) => sound.insert(neighbour) || true,
      remove: (neighbour) => sound.remove(neighbour),
      has: (neighbour) => sound.has(neighbour),
      get size() {
        return sound.size;
      },
      [Symbol.iterator]: () => sound[Symbol.iterator](),
    });
  },
  'has whatever it is asked for': () => changed({ has: () => true }),
  'forgets to count': () => changed({ size: 0 }),
  'iterates in the order of ids': () => {
    const set = changed({});
    const sound = set[Symbol.iterator];
    const byId = (a: RankedNeighbour, b: RankedNeighbour) => (a.id < b.id ? -1 : 1);
    set[Symbol.iterator] = () => [...{ [Symbol.iterator]: sound }].sort(byId).values();
    return set;
  },
  'loses the last when iterating': () => {
    const set = changed({});
    const sound = set[Symbol.iterator];
    set[Symbol.iterator] = () => [...{ [Symbol.iterator]: sound }].sort(compareNeighbours).slice(0, -1).values();
    return set;
  },
};
