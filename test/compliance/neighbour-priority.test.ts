import { neighbourPriorityCompliance } from '../../src/compliance/index.ts';
import { compareNeighbours, type NeighbourPriority, type RankedNeighbour } from '../../src/kernel/index.ts';
import { systemClock } from '../../src/kit/index.ts';
import { BTree } from '../../src/plugins/neighbour-priority/b-tree/b-tree.ts';
import { override } from '../support/override.ts';
import { expectCaught, type Broken } from './expect-caught.ts';

const LIKE_A_LIST = 'does the same as a sorted list, whatever the sequence of operations';

const broken: readonly Broken<NeighbourPriority>[] = [
  {
    defect: 'orders ties the other way',
    caughtBy: 'orders equal scores by id, code unit by code unit',
    breakIt: (sound) => sorted(sound, (a, b) => a.score - b.score || (a.id < b.id ? 1 : -1)),
  },
  {
    defect: 'orders ids as people of one country do',
    caughtBy: 'orders equal scores by id, code unit by code unit',
    breakIt: (sound) => sorted(sound, (a, b) => a.score - b.score || a.id.localeCompare(b.id, 'en')),
  },
  {
    defect: 'orders scores as text',
    caughtBy: 'orders by score as a number: negative, tiny, huge and zero',
    breakIt: (sound) => sorted(sound, (a, b) => (String(a.score) < String(b.score) ? -1 : 1)),
  },
  {
    defect: 'puts the worst first',
    caughtBy: LIKE_A_LIST,
    breakIt: (sound) => sorted(sound, (a, b) => compareNeighbours(b, a)),
  },
  {
    defect: 'forgets that it has a pair',
    caughtBy: 'adds a pair once, and removes only where score and id both match',
    breakIt: (sound) => override(sound, { insert: (neighbour) => (sound.insert(neighbour), true) }),
  },
  {
    defect: 'keeps one score for each id',
    caughtBy: 'keeps one id under several scores as several entries',
    breakIt: (sound) =>
      override(sound, {
        insert: (neighbour) => {
          for (const other of [...sound]) if (other.id === neighbour.id) sound.remove(other);
          return sound.insert(neighbour);
        },
      }),
  },
  {
    defect: 'removes by id alone',
    caughtBy: 'adds a pair once, and removes only where score and id both match',
    breakIt: (sound) =>
      override(sound, {
        remove: ({ id }) => {
          const found = [...sound].find((other) => other.id === id);
          return found !== undefined && sound.remove(found);
        },
      }),
  },
  {
    defect: 'loses the last entry when it shrinks',
    caughtBy: LIKE_A_LIST,
    breakIt: (sound) =>
      override(sound, {
        remove: (neighbour) => {
          const removed = sound.remove(neighbour);
          const last = [...sound].at(-1);
          if (removed && sound.size === 150 && last !== undefined) sound.remove(last);
          return removed;
        },
      }),
  },
  {
    defect: 'takes any score',
    caughtBy: 'refuses a score that is not finite with RangeError, and changes nothing',
    breakIt: (sound) => override(sound, { insert: (each) => Number.isFinite(each.score) && sound.insert(each) }),
  },
  {
    defect: 'keeps the object of the caller',
    caughtBy: 'keeps what was inserted when the caller changes the object',
    breakIt: () => new ListOfOwnObjects(),
  },
  {
    defect: 'prepares everything before it yields the best',
    caughtBy: 'iterates lazily: the best few of very many cost next to nothing',
    breakIt: (sound) => sorted(sound, compareNeighbours),
  },
  {
    defect: 'goes on where the last iteration stopped',
    caughtBy: 'starts each iteration at the best, however the last one was broken off',
    breakIt: (sound) => {
      let shared: Iterator<RankedNeighbour> | undefined;
      return override(sound, { [Symbol.iterator]: () => (shared ??= sound[Symbol.iterator]()) });
    },
  },
];

function sorted(
  sound: NeighbourPriority,
  compare: (a: RankedNeighbour, b: RankedNeighbour) => number,
): NeighbourPriority {
  return override(sound, { [Symbol.iterator]: () => [...sound].sort(compare)[Symbol.iterator]() });
}

class ListOfOwnObjects implements NeighbourPriority {
  readonly #entries: RankedNeighbour[] = [];

  get size(): number {
    return this.#entries.length;
  }

  insert(neighbour: RankedNeighbour): boolean {
    if (this.has(neighbour)) return false;
    this.#entries.push(neighbour);
    return true;
  }

  remove(neighbour: RankedNeighbour): boolean {
    const at = this.#entries.findIndex((other) => compareNeighbours(other, neighbour) === 0);
    return at !== -1 && this.#entries.splice(at, 1).length === 1;
  }

  has(neighbour: RankedNeighbour): boolean {
    return this.#entries.some((other) => compareNeighbours(other, neighbour) === 0);
  }

  [Symbol.iterator](): Iterator<RankedNeighbour> {
    return this.#entries.toSorted(compareNeighbours)[Symbol.iterator]();
  }
}

describe('neighbourPriorityCompliance', () => {
  expectCaught(broken, (breakIt) =>
    neighbourPriorityCompliance({ create: () => breakIt(new BTree(16)), balanced: true, clock: systemClock() }),
  );
});
