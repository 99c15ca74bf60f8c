import { Backoff } from '../../src/kit/backoff.ts';

describe('Backoff', () => {
  const random = { bytes: () => new Uint8Array(0), fraction: () => 0.5 };

  test('doubles the bound up to the greatest, and takes a random part of it', () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 1_000, random });
    expect(Array.from({ length: 6 }, () => backoff.nextMs())).toEqual([50, 100, 200, 400, 500, 500]);
    expect(backoff.attempts).toBe(6);
  });

  test('starts again after a success', () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 1_000, random });
    backoff.nextMs();
    backoff.nextMs();
    backoff.reset();
    expect(backoff.nextMs()).toBe(50);
  });

  test('never exceeds the greatest, after thousands of failures either', () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 1_000, random });
    for (let attempt = 0; attempt < 5_000; attempt++) expect(backoff.nextMs()).toBeLessThanOrEqual(500);
  });
});
