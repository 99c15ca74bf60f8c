import { LONGEST_SAMPLE_S, Projection } from '../../../src/bench/priority/projection.ts';

describe('Projection', () => {
  test('knows nothing before anything was measured', () => {
    const projection = new Projection(LONGEST_SAMPLE_S);
    expect(projection.secondsOf('insert', 1_000)).toBeUndefined();
    expect(projection.isTooLong('insert', 1_000)).toBe(false);
  });

  test('takes an operation to get slower with size as it did last', () => {
    const projection = new Projection(LONGEST_SAMPLE_S);
    projection.add('insert', { size: 1_000, each: 2e-6 });
    projection.add('insert', { size: 10_000, each: 2e-5 });
    // 100,000 insertions of 200 µs each.
    expect(projection.secondsOf('insert', 100_000)).toBeCloseTo(20);
    expect(projection.isTooLong('insert', 100_000)).toBe(true);
    expect(projection.secondsOf('insert', 1_000_000)).toBeCloseTo(2_000);
  });

  test('does not take it to get faster', () => {
    const projection = new Projection(LONGEST_SAMPLE_S);
    projection.add('remove', { size: 100, each: 1e-5 });
    projection.add('remove', { size: 1_000, each: 1e-6 });
    expect(projection.secondsOf('remove', 10_000)).toBeCloseTo(0.01);
  });

  test('knows each operation by itself', () => {
    const projection = new Projection(LONGEST_SAMPLE_S);
    projection.add('insert', { size: 10, each: 1 });
    expect(projection.isTooLong('insert', 100)).toBe(true);
    expect(projection.isTooLong('best', 100)).toBe(false);
  });
});
