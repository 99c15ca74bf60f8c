import { compareNeighbours, type Clock, type NeighbourPriority, type RankedNeighbour } from '../kernel/index.ts';
import { toCase, type ComplianceCase, type Requirement } from './compliance-case.ts';
import { attempt, expect, expectEqual, expectSameList } from './expectations.ts';
import { sampleFractions } from './sample-numbers.ts';

/** What the suite needs to know of an implementation. */
export interface NeighbourPriorityFixture {
  /** A new, empty set. */
  create(): NeighbourPriority;
  /** False for a form that sorted insertion makes slow: it is tried with 5,000 ascending inserts instead of 100,000. */
  readonly balanced: boolean;
  /** Real time: whether iteration is lazy shows only in how long it takes. */
  readonly clock: Clock;
}

/** What every NeighbourPriority must do. */
export function neighbourPriorityCompliance(fixture: NeighbourPriorityFixture): readonly ComplianceCase[] {
  return requirements.map((requirement) => toCase(requirement, fixture));
}

const requirements: readonly Requirement<NeighbourPriorityFixture>[] = [
  {
    name: 'is empty at first',
    check: ({ create }) => {
      const set = create();
      expectHolds(set, []);
      expect(!set.has(neighbour(1)) && !set.remove(neighbour(1)), 'an empty set has or removes a neighbour');
    },
  },
  {
    name: 'does the same as a sorted list, whatever the sequence of operations',
    check: ({ create }) => {
      for (let seed = 1; seed <= 8; seed++) compareWithModel(create(), seed);
    },
  },
  {
    name: 'orders equal scores by id, code unit by code unit',
    check: ({ create }) => {
      const ids = ['b', 'a', 'B', 'aa', '', 'z', 'é', '10', '9', '\u{1f600}', '\uffee'];
      const set = create();
      for (const id of ids) expect(set.insert({ score: 5, id }), `insert of ${JSON.stringify(id)} said it was there`);
      expectHolds(
        set,
        ids.map((id) => ({ score: 5, id })),
      );
    },
  },
  {
    name: 'orders by score as a number: negative, tiny, huge and zero',
    check: ({ create }) => {
      const scores = [10, 9, -1, 0, 1e-300, -1e300, Number.MAX_VALUE, Number.MIN_VALUE, 0.1 + 0.2, 0.3];
      const set = create();
      for (const score of scores) set.insert({ score, id: 'a' });
      expectHolds(
        set,
        scores.map((score) => ({ score, id: 'a' })),
      );
    },
  },
  {
    name: 'takes a score of minus zero for zero',
    check: ({ create }) => {
      const set = create();
      set.insert({ score: 0, id: 'a' });
      expect(!set.insert({ score: -0, id: 'a' }), 'insert of -0 beside 0 said it was new');
      expect(set.has({ score: -0, id: 'a' }), 'has(-0) is false beside 0');
      expect(set.remove({ score: -0, id: 'a' }), 'remove of -0 did not remove 0');
      expectEqual(set.size, 0, 'size');
    },
  },
  {
    name: 'keeps one id under several scores as several entries',
    check: ({ create }) => {
      const set = create();
      for (const score of [2, 1, 3])
        expect(set.insert({ score, id: 'a' }), `insert with score ${score} said it was there`);
      expect(set.remove({ score: 2, id: 'a' }), 'remove of (2, a) said it was not there');
      expectHolds(set, [
        { score: 1, id: 'a' },
        { score: 3, id: 'a' },
      ]);
    },
  },
  {
    name: 'adds a pair once, and removes only where score and id both match',
    check: ({ create }) => {
      const set = create();
      expect(set.insert({ score: 1, id: 'a' }), 'the first insert said it was there');
      expect(!set.insert({ score: 1, id: 'a' }), 'the second insert of a pair said it was new');
      expectEqual(set.size, 1, 'size after the second insert of a pair');
      for (const other of [
        { score: 1, id: 'b' },
        { score: 2, id: 'a' },
      ]) {
        expect(!set.has(other), `has(${show(other)}) is true beside (1, a)`);
        expect(!set.remove(other), `remove(${show(other)}) said true beside (1, a)`);
      }
      expectHolds(set, [{ score: 1, id: 'a' }]);
    },
  },
  {
    name: 'refuses a score that is not finite with RangeError, and changes nothing',
    check: ({ create }) => {
      const set = create();
      set.insert(neighbour(1));
      for (const score of [NaN, Infinity, -Infinity]) {
        const inserted = attempt(() => set.insert({ score, id: 'x' }));
        const refused = !inserted.ok && inserted.error instanceof Error && inserted.error.name === 'RangeError';
        expect(refused, `insert with score ${score}: expected a RangeError, found ${String(inserted.error)}`);
      }
      expectHolds(set, [neighbour(1)]);
    },
  },
  {
    name: 'keeps what was inserted when the caller changes the object',
    check: ({ create }) => {
      const set = create();
      const mine = { score: 1, id: 'a' };
      set.insert(mine);
      mine.score = 9;
      expectHolds(set, [{ score: 1, id: 'a' }]);
    },
  },
  {
    name: 'takes very many neighbours in ascending order, and gives them up again',
    check: ({ create, balanced }) => insertSorted(create(), balanced, (index) => index),
  },
  {
    name: 'takes very many neighbours in descending order, and gives them up again',
    check: ({ create, balanced }) => insertSorted(create(), balanced, (index) => -index),
  },
  {
    name: 'takes very many neighbours of one score',
    check: ({ create, balanced }) => insertSorted(create(), balanced, () => 7),
  },
  {
    name: 'iterates lazily: the best few of very many cost next to nothing',
    check: ({ create, clock }) => {
      const set = create();
      const fractions = sampleFractions(3);
      for (let index = 0; index < LARGE; index++) set.insert({ score: fractions(), id: String(index) });
      const timeToTake = (count: number) => {
        const started = clock.now();
        for (let round = 0; round < ROUNDS; round++) take(set, count);
        return clock.now() - started;
      };
      // What else the machine does only adds to a time, so the least of three tells. The best few are a thousandth of all: a quarter leaves room.
      const tries = [1, 2, 3].map(() => ({ few: timeToTake(LARGE / 1_000), all: timeToTake(LARGE) }));
      const few = Math.min(...tries.map((each) => each.few));
      const all = Math.min(...tries.map((each) => each.all));
      expect(few < all / 4, `taking a thousandth of ${LARGE} entries took ${few} ms, taking all of them ${all} ms`);
    },
  },
  {
    name: 'starts each iteration at the best, however the last one was broken off',
    check: ({ create }) => {
      const set = create();
      for (let index = 0; index < 100; index++) set.insert(neighbour(index));
      const [first, second] = [set[Symbol.iterator](), set[Symbol.iterator]()];
      for (let index = 0; index < 50; index++) first.next();
      expectEqual((second.next().value as RankedNeighbour).score, 0, 'score of the first of a second iterator');
      expectEqual((first.next().value as RankedNeighbour).score, 50, 'score of the 51st of the first iterator');
      expectHolds(
        set,
        Array.from({ length: 100 }, (_, index) => neighbour(index)),
      );
    },
  },
  {
    name: 'keeps its order while a large set is re-scored and taken down',
    check: ({ create }) => {
      const set = create();
      const fractions = sampleFractions(5);
      const scores = Array.from({ length: LARGE }, () => fractions());
      scores.forEach((score, index) => set.insert({ score, id: String(index) }));
      for (let round = 0; round < LARGE; round++) {
        const index = Math.floor(fractions() * LARGE);
        expect(set.remove({ score: scores[index] ?? 0, id: String(index) }), () => `neighbour ${index} was lost`);
        scores[index] = fractions();
        expect(set.insert({ score: scores[index], id: String(index) }), () => `neighbour ${index} was there twice`);
      }
      expectHolds(
        set,
        scores.map((score, id) => ({ score, id: String(id) })),
      );
      scores.forEach((score, index) => {
        if (index % 100 !== 0) expect(set.remove({ score, id: String(index) }), () => `neighbour ${index} was lost`);
      });
      const left = scores.map((score, id) => ({ score, id: String(id) })).filter((_, index) => index % 100 === 0);
      expectHolds(set, left);
    },
  },
];

const LARGE = 20_000;
const ROUNDS = 20;
const SORTED_BALANCED = 100_000;
const SORTED_UNBALANCED = 5_000;

function insertSorted(set: NeighbourPriority, balanced: boolean, score: (index: number) => number): void {
  const count = balanced ? SORTED_BALANCED : SORTED_UNBALANCED;
  const all = Array.from({ length: count }, (_, index) => ({
    score: score(index),
    id: String(index).padStart(6, '0'),
  }));
  for (const each of all) expect(set.insert(each), () => `insert of ${show(each)} said it was there`);
  expectHolds(set, all);
  for (const each of all) expect(set.remove(each), () => `remove of ${show(each)} said it was not there`);
  expectHolds(set, []);
}

function take(set: NeighbourPriority, count: number): void {
  let taken = 0;
  for (const { id } of set) if (id === '' || ++taken === count) return;
}

/** Random operations, on few scores and ids so that they meet, each answer compared with that of a sorted list. */
function compareWithModel(set: NeighbourPriority, seed: number): void {
  const fractions = sampleFractions(seed);
  const model: RankedNeighbour[] = [];
  for (let step = 0; step < 3_000; step++) {
    const each = { score: Math.floor(fractions() * 40) / 4 - 5, id: String(Math.floor(fractions() * 12)) };
    const at = model.findIndex((other) => compareNeighbours(other, each) === 0);
    const what = `${show(each)} at step ${step}, with ${model.length} entries`;
    // Growing for the first two thirds, shrinking for the rest.
    if (fractions() < (step < 2_000 ? 0.7 : 0.05)) {
      expectEqual(set.insert(each), at === -1, `insert of ${what}`);
      if (at === -1) model.push(each);
    } else {
      expectEqual(set.remove(each), at !== -1, `remove of ${what}`);
      if (at !== -1) model.splice(at, 1);
    }
    expectEqual(
      set.has(each),
      model.some((other) => compareNeighbours(other, each) === 0),
      `has of ${what}`,
    );
    expectEqual(set.size, model.length, `size after ${what}`);
    if (step % 100 === 99) expectHolds(set, model);
  }
}

/** Expects these entries and no others, in order, and the size to agree. */
function expectHolds(set: NeighbourPriority, entries: readonly RankedNeighbour[]): void {
  expectEqual(set.size, entries.length, 'size');
  expectSameList([...set].map(show), [...entries].sort(compareNeighbours).map(show), 'entries in order');
}

function neighbour(score: number): RankedNeighbour {
  return { score, id: `n${score}` };
}

function show({ score, id }: RankedNeighbour): string {
  return `(${score + 0}, ${JSON.stringify(id)})`;
}
