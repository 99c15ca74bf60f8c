import fc from 'fast-check';
import { lowestRanked } from '../../src/kit/index.ts';

describe('lowestRanked', () => {
  test('gives what sorting everything and cutting gives, ties in the order of the items', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.nat(30), (ranks, limit) => {
        const items = ranks.map((_, index) => index);
        const rankOf = (item: number) => ranks[item] ?? 0;
        const sorted = items.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, limit);
        expect(lowestRanked(items, limit, rankOf)).toEqual(sorted);
      }),
    );
  });

  test('asks for each rank once', () => {
    const asked: number[] = [];
    lowestRanked([4, 3, 2, 1], 2, (item) => {
      asked.push(item);
      return item;
    });
    expect(asked).toEqual([4, 3, 2, 1]);
  });
});
