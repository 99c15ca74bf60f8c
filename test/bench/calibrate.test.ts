import { calibrate } from '../../src/bench/calibrate.ts';

/** Something of which each takes so many seconds, after so many to begin with. */
function costing(each: number, once = 0) {
  const trials: number[] = [];
  const run = async (count: number) => {
    trials.push(count);
    return once + each * count;
  };
  return { run, trials };
}

describe('how much makes a sample', () => {
  test('is what takes the wanted time', async () => {
    const { run, trials } = costing(0.001);
    expect(await calibrate({ run, seconds: 0.3, warmSeconds: 0, least: 1 })).toEqual({ count: 300 });
    expect(trials.at(-1)).toBeGreaterThanOrEqual(75);
  });

  test('is the least where that takes longer already', async () => {
    expect(await calibrate({ ...costing(1), seconds: 0.3, warmSeconds: 0, least: 4 })).toEqual({ count: 4 });
  });

  test('is the most where that takes no time', async () => {
    expect(await calibrate({ ...costing(0.000_001), seconds: 1, warmSeconds: 0, least: 1, most: 100 })).toEqual({
      count: 100,
    });
  });

  test('is found only when the trials have taken the time to warm up', async () => {
    const { run, trials } = costing(0.001);
    expect(await calibrate({ run, seconds: 0.1, warmSeconds: 0.5, least: 1 })).toEqual({ count: 100 });
    expect(trials.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(500);
  });

  test('is that of the last trial, where what is measured becomes faster meanwhile', async () => {
    let trials = 0;
    const run = async (count: number) => count * (trials++ < 3 ? 0.01 : 0.001);
    expect(await calibrate({ run, seconds: 0.1, warmSeconds: 0.3, least: 1 })).toEqual({ count: 100 });
  });

  test('is not found in one leap from a first trial that was slow to begin', async () => {
    const result = await calibrate({ ...costing(0.000_01, 0.01), seconds: 0.1, warmSeconds: 0, least: 1 });
    expect(result).toEqual({ count: expect.any(Number) as number });
    expect((result as { count: number }).count).toBeGreaterThan(5_000);
  });

  test('is not even tried where the size before says that the least would take more than 10 s', async () => {
    const { run, trials } = costing(3);
    expect(await calibrate({ run, seconds: 0.3, warmSeconds: 0, least: 4, expected: 3 })).toEqual({
      projectedSeconds: 12,
    });
    expect(trials).toEqual([]);
  });
});
