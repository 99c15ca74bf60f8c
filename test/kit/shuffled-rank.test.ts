import { seededRandom, shuffledRank } from '../../src/kit/index.ts';

const numbers = Array.from({ length: 4_096 }, (_, index) => index);
const orderOf = (seed: number) => {
  const rankOf = shuffledRank(seededRandom(seed));
  return numbers.toSorted((a, b) => rankOf(a) - rankOf(b));
};

describe('shuffledRank', () => {
  test('gives every number a rank of its own, within 32 bits', () => {
    const ranks = numbers.map(shuffledRank(seededRandom(1)));
    expect(new Set(ranks).size).toBe(numbers.length);
    expect(ranks.every((rank) => Number.isInteger(rank) && rank >= 0 && rank < 2 ** 32)).toBe(true);
  });

  test('gives one order under one seed', () => {
    expect(orderOf(5)).toEqual(orderOf(5));
  });

  test('puts every number first, last and between as often as chance would', () => {
    // Over 400 seeds, how often 8 of 4,096 numbers come into the first quarter: 100 expected, 8.7 the standard deviation.
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 400; seed++) {
      const rankOf = shuffledRank(seededRandom(seed));
      for (const number of [0, 1, 2, 3, 1_000, 2_048, 4_000, 4_095]) {
        if (rankOf(number) < 2 ** 30) counts.set(number, (counts.get(number) ?? 0) + 1);
      }
    }
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(45);
    expect(counts.size).toBe(8);
  });
});
