import type { NeighbourPriority } from '../../../src/kernel/index.ts';
import { OPERATIONS, liveOnce, type Operation, type Tally } from '../../../src/bench/priority/lifetime.ts';
import { SortedArray } from '../../../src/bench/priority/sorted-array.ts';
import { verifyAgainstModel, verifyContent } from '../../../src/bench/priority/verify.ts';
import { INPUT_ORDERS, makeWorkload, type InputOrder } from '../../../src/bench/priority/workload.ts';
import { systemClock } from '../../../src/kit/index.ts';
import { WRONG_SETS } from './wrong-sets.ts';

const clock = systemClock();

function live(
  create: () => NeighbourPriority,
  order: InputOrder,
  operations: readonly Operation[] = OPERATIONS,
): Tally {
  const tally = Object.fromEntries(OPERATIONS.map((name) => [name, { seconds: 0, count: 0 }])) as unknown as Tally;
  const workload = makeWorkload(1, 300, order);
  liveOnce({ create, workload, operations: new Set(operations), clock, tally, verify: true });
  return tally;
}

describe.each(Object.entries(WRONG_SETS))('a set that %s', (_, create) => {
  test('is found out before it is timed', () => {
    expect(() => {
      verifyAgainstModel(create(), 1);
    }).toThrow(/./);
  });
});

describe.each(INPUT_ORDERS)('a life in %s order', (order) => {
  test('passes with a sound set, and counts what it did', () => {
    const tally = live(() => new SortedArray(), order);
    expect(tally.insert.count).toBe(300);
    expect(tally.remove.count).toBe(300);
    for (const operation of OPERATIONS) expect(tally[operation].seconds).toBeGreaterThan(0);
  });

  test('does and counts only what it is asked for', () => {
    const tally = live(() => new SortedArray(), order, ['best', 'iterate']);
    expect(OPERATIONS.filter((operation) => tally[operation].count > 0)).toEqual(['best', 'iterate']);
  });

  test.each(['forgets to count', 'iterates in the order of ids', 'loses the last when iterating'])(
    'fails with a set that %s',
    (name) => {
      expect(() => live(WRONG_SETS[name]!, order)).toThrow(/./);
    },
  );
});

describe('verifyContent', () => {
  const workload = makeWorkload(1, 50, 'clustered');
  const held = () => ({ scores: Float64Array.from(workload.scores), ids: [...workload.ids] });
  const filled = () => {
    const set = new SortedArray();
    workload.ids.forEach((id, place) => set.insert({ score: workload.scores[place]!, id }));
    return set;
  };

  test('takes a set that holds what it should', () => {
    const set = filled();
    expect(() => {
      verifyContent(set, held(), [...set].slice(0, 16));
    }).not.toThrow();
  });

  test('finds a neighbour under an old score', () => {
    const expected = held();
    expected.scores[7]! += 1;
    expect(() => {
      verifyContent(filled(), expected, []);
    }).toThrow('which it should not');
  });

  test('finds a best list that is not the best', () => {
    const set = filled();
    expect(() => {
      verifyContent(set, held(), [...set].slice(1, 17));
    }).toThrow('among the best');
  });
});
