import fc from 'fast-check';
import { RangeSet } from '../../src/kit/range-set.ts';

const SPAN = 60;
const command = fc.record({
  add: fc.boolean(),
  start: fc.integer({ min: 0, max: SPAN }),
  length: fc.integer({ min: 0, max: 20 }),
});

describe('RangeSet', () => {
  test('is a set of positions, whatever is added and removed', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (commands, part) => {
        const set = new RangeSet();
        const model = new Set<number>();
        for (const { add, start, length } of commands) {
          const positions = Array.from({ length }, (_, index) => start + index);
          for (const position of positions)
            if (add) model.add(position);
            else model.delete(position);
          if (add) set.add(start, start + length);
          else set.remove(start, start + length);
        }
        expect(set.size).toBe(model.size);
        const all = set.within(0, 2 * SPAN);
        const positions = all.flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, index) => start + index),
        );
        expect(positions).toEqual([...model].toSorted((a, b) => a - b));
        // Ranges never touch: memory grows with the gaps only.
        for (const [index, range] of all.entries()) expect(range.start).toBeGreaterThan(all[index - 1]?.end ?? -1);
        const gaps = set
          .missing(0, 2 * SPAN)
          .flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index));
        expect([...positions, ...gaps].toSorted((a, b) => a - b)).toEqual([...Array(2 * SPAN).keys()]);
        for (const position of [0, SPAN / 2, SPAN]) expect(set.has(position)).toBe(model.has(position));
        const parts = [...new Set(positions.map((position) => Math.floor(position / part)))];
        expect(set.blocks(part, 5)).toEqual(parts.slice(0, 5));
      }),
      { seed: 1 },
    );
  });

  test('cuts what it gives to the range asked for', () => {
    const set = new RangeSet();
    set.add(0, 100);
    set.remove(40, 50);
    expect(set.within(30, 60)).toEqual([
      { start: 30, end: 40 },
      { start: 50, end: 60 },
    ]);
  });

  test('holds a file of any size in one range', () => {
    const set = new RangeSet();
    set.add(0, Number.MAX_SAFE_INTEGER);
    expect(set.size).toBe(Number.MAX_SAFE_INTEGER);
    expect(set.blocks(1_024, 3)).toEqual([0, 1, 2]);
  });
});
