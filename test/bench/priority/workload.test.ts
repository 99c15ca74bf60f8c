import { INPUT_ORDERS, makeWorkload, placeOf } from '../../../src/bench/priority/workload.ts';

describe.each(INPUT_ORDERS)('the workload in %s order', (order) => {
  const workload = makeWorkload(7, 1_000, order);

  test('is the same for the same seed, and another for another', () => {
    expect(makeWorkload(7, 1_000, order)).toEqual(workload);
    expect(makeWorkload(8, 1_000, order).scores).not.toEqual(workload.scores);
  });

  test('has ids as nodes do, each once, which tell their place', () => {
    expect(new Set(workload.ids).size).toBe(1_000);
    workload.ids.forEach((id, place) => {
      expect(id).toMatch(/^[0-9a-f]{32}$/);
      expect(placeOf(id)).toBe(place);
    });
  });

  test('removes everybody once', () => {
    expect([...workload.removed].sort((a, b) => a - b)).toEqual(workload.ids.map((_, place) => place));
  });

  test('scores a tenth anew at each heartbeat, and replaces a neighbour at every fourth', () => {
    workload.heartbeats.forEach(({ rescored, replaced }, beat) => {
      expect(rescored.places).toHaveLength(100);
      expect(replaced !== undefined).toBe(beat % 4 === 0);
    });
  });
});

test('ascending scores ascend, descending ones descend, clustered ones are few', () => {
  const scoresOf = (order: (typeof INPUT_ORDERS)[number]) => [...makeWorkload(1, 5_000, order).scores];
  const ascending = scoresOf('ascending');
  expect(ascending).toEqual(ascending.toSorted((a, b) => a - b));
  const descending = scoresOf('descending');
  expect(descending).toEqual(descending.toSorted((a, b) => b - a));
  expect(new Set(scoresOf('clustered')).size).toBeLessThanOrEqual(1_024);
});
