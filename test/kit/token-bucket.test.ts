import { TokenBucket } from '../../src/kit/token-bucket.ts';
import { VirtualClock } from '../../src/kit/virtual-clock.ts';

interface Taking {
  /** When it was granted, in ms; `undefined` while it waits. */
  at?: number;
}

function makeBucket(rate: number, burst?: number) {
  const clock = new VirtualClock();
  const bucket = new TokenBucket({ clock, rate, burst });
  const take = (count: number, signal?: AbortSignal): Taking => {
    const taking: Taking = {};
    void bucket.take(count, { signal }).then(
      () => (taking.at = clock.now()),
      () => (taking.at = NaN),
    );
    return taking;
  };
  return { clock, bucket, take };
}

describe('a token bucket', () => {
  test('gives at once what has gathered', async () => {
    const { clock, take } = makeBucket(1_000, 300);
    const takings = [take(100), take(100), take(100)];
    await clock.advance(0);
    expect(takings.map(({ at }) => at)).toEqual([0, 0, 0]);
  });

  test('lets whoever comes then wait until the debt is paid', async () => {
    const { clock, take } = makeBucket(1_000, 0);
    const takings = [take(500), take(500), take(500)];
    await clock.advance(2_000);
    expect(takings.map(({ at }) => at)).toEqual([0, 500, 1_000]);
  });

  test('keeps the rate over a long time, whatever the amounts', async () => {
    const { clock, bucket } = makeBucket(1_000_000);
    let taken = 0;
    const drain = async (): Promise<void> => {
      for (let turn = 1; taken < 10_000_000; turn++) {
        const count = (turn * 7_919) % 500_000;
        await bucket.take(count);
        taken += count;
      }
    };
    let ended: number | undefined;
    void drain().then(() => (ended = clock.now()));
    await clock.advance(20_000);
    expect(ended).toBeGreaterThan(9_400);
    expect(ended).toBeLessThan(10_100);
  });

  test('gathers no more than its burst', async () => {
    const { clock, take } = makeBucket(1_000, 100);
    await clock.advance(60_000);
    const takings = [take(100), take(1), take(1)];
    await clock.advance(1_000);
    expect(takings.map(({ at }) => at)).toEqual([60_000, 60_000, 60_001]);
  });

  test('serves those who wait in turn, so that equal takers get equal shares', async () => {
    const { clock, bucket } = makeBucket(1_000, 0);
    const shares = [0, 0, 0];
    const ending = new AbortController();
    for (const index of shares.keys()) {
      const run = async (): Promise<void> => {
        for (;;) {
          await bucket.take(10, { signal: ending.signal });
          shares[index] = (shares[index] ?? 0) + 10;
        }
      };
      run().catch(() => undefined);
    }
    await clock.advance(3_000);
    ending.abort();
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(10);
    expect(shares.reduce((sum, share) => sum + share)).toBeGreaterThan(2_950);
  });

  test('lets go of who gives up, takes nothing for it, and leaves no timer', async () => {
    const { clock, take } = makeBucket(1_000, 0);
    take(100);
    const giving = new AbortController();
    const [given, next] = [take(10_000, giving.signal), take(1)];
    await clock.advance(10);
    giving.abort();
    await clock.advance(1_000);
    expect([given.at, next.at]).toEqual([NaN, 100]);
    const aborted = take(1, AbortSignal.abort());
    await clock.advance(1_000);
    expect([aborted.at, clock.pendingTimers]).toEqual([NaN, 0]);
    const alone = new AbortController();
    take(100);
    take(1, alone.signal);
    alone.abort();
    expect(clock.pendingTimers).toBe(0);
  });

  test('without a bound never waits', async () => {
    const { clock, take } = makeBucket(Infinity);
    const takings = [take(1e15), take(1e15)];
    await clock.advance(0);
    expect(takings.map(({ at }) => at)).toEqual([0, 0]);
  });

  test.each([0, -1, NaN])('has no rate of %s', (rate) => {
    expect(() => makeBucket(rate)).toThrow(RangeError);
  });
});
