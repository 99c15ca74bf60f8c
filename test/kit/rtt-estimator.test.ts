import { RttEstimator } from '../../src/kit/rtt-estimator.ts';

describe('RttEstimator', () => {
  test('knows nothing before the first sample, and waits a second (RFC 6298, 2.1)', () => {
    const rtt = new RttEstimator();
    expect([rtt.smoothedMs, rtt.variationMs, rtt.timeoutMs(1, 60_000, 1)]).toEqual([undefined, 0, 1_000]);
  });

  test('takes the first sample whole, half of it as variation (2.2)', () => {
    const rtt = new RttEstimator();
    rtt.update(100);
    expect([rtt.smoothedMs, rtt.variationMs, rtt.timeoutMs(1, 60_000, 1)]).toEqual([100, 50, 300]);
  });

  test('smooths the next ones, the variation by the mean before them (2.3)', () => {
    const rtt = new RttEstimator();
    rtt.update(100);
    rtt.update(200);
    expect([rtt.smoothedMs, rtt.variationMs]).toEqual([112.5, 62.5]);
  });

  test('keeps timeouts within the bounds, and above the mean by the granularity', () => {
    const rtt = new RttEstimator();
    for (let sample = 0; sample < 200; sample++) rtt.update(40);
    expect(rtt.timeoutMs(1, 60_000, 10)).toBeCloseTo(50);
    expect(rtt.timeoutMs(200, 60_000, 10)).toBe(200);
    expect(rtt.timeoutMs(1, 30, 10)).toBe(30);
  });

  test('ignores what cannot have been measured', () => {
    const rtt = new RttEstimator();
    for (const sample of [-1, Number.NaN, Infinity]) rtt.update(sample);
    expect(rtt.smoothedMs).toBeUndefined();
  });
});
