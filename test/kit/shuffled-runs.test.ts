import { RUN_RANKS, seededRandom, shuffledRuns } from '../../src/kit/index.ts';

const orderOf = (count: number, seed = 1) => {
  const rankOf = shuffledRuns(seededRandom(seed))(count);
  return Array.from({ length: count }, (_, index) => index).sort((a, b) => rankOf(a) - rankOf(b));
};
/** How many numbers follow their predecessor in an order. */
const followers = (order: readonly number[]) => order.filter((number, place) => order[place - 1] === number - 1).length;

describe('shuffledRuns', () => {
  test('keeps eight neighbours together where there are many', () => {
    const order = orderOf(4_096);
    for (let start = 0; start < order.length; start += 8) {
      const first = order[start] ?? NaN;
      expect(first % 8).toBe(0);
      expect(order.slice(start, start + 8)).toEqual(Array.from({ length: 8 }, (_, index) => first + index));
    }
  });

  test('shuffles the runs', () => {
    // Of 512 runs in chance order about one follows its neighbour.
    expect(followers(orderOf(4_096))).toBeLessThan(4_096 - 512 + 10);
    expect(orderOf(4_096, 1)).not.toEqual(orderOf(4_096, 2));
    expect(orderOf(4_096, 1)).toEqual(orderOf(4_096, 1));
  });

  test('leaves few numbers without runs, so that there is an order to shuffle', () => {
    expect(followers(orderOf(100))).toBeLessThan(10);
    expect(followers(orderOf(64 * 3))).toBeGreaterThanOrEqual(64 * 2);
  });

  test('gives every number a rank of its own below the bound', () => {
    for (const count of [1, 100, 65_536]) {
      const rankOf = shuffledRuns(seededRandom(3))(count);
      const ranks = Array.from({ length: count }, (_, number) => rankOf(number));
      expect(new Set(ranks).size).toBe(count);
      expect(ranks.every((rank) => Number.isSafeInteger(rank) && rank >= 0 && rank < RUN_RANKS)).toBe(true);
    }
  });
});
