import { VirtualClock } from '../../../src/kit/index.ts';
import { Suspicions } from '../../../src/node/overlay/suspicions.ts';
import { idOf, recordOf } from './support/neighbour.ts';

function make() {
  const clock = new VirtualClock();
  const confirmed: { readonly at: number; readonly incarnation: number; readonly isOwn: boolean }[] = [];
  const suspicions = new Suspicions({
    clock,
    onConfirmed: ({ incarnation }, isOwn) => confirmed.push({ at: clock.now(), incarnation, isOwn }),
  });
  return { clock, suspicions, confirmed };
}

describe('a suspicion', () => {
  test('is confirmed when its time is over', async () => {
    const { clock, suspicions, confirmed } = make();
    expect(suspicions.raise(recordOf(1), 5_000, true)).toBe(true);
    await clock.advance(4_999);
    expect([confirmed, suspicions.has(idOf(1))]).toEqual([[], true]);
    await clock.advance(1);
    expect([confirmed, suspicions.has(idOf(1))]).toEqual([[{ at: 5_000, incarnation: 1, isOwn: true }], false]);
  });

  test('is news once for an incarnation, and keeps its time', async () => {
    const { clock, suspicions, confirmed } = make();
    suspicions.raise(recordOf(1), 5_000, true);
    await clock.advance(3_000);
    expect([suspicions.raise(recordOf(1), 5_000, true), suspicions.raise(recordOf(1, 2), 5_000, false)]).toEqual([
      false,
      true,
    ]);
    expect(suspicions.raise(recordOf(1), 5_000, true)).toBe(false);
    await clock.advance(60_000);
    expect(confirmed).toEqual([{ at: 8_000, incarnation: 2, isOwn: false }]);
  });

  test('that is cleared is never confirmed, and leaves no timer', async () => {
    const { clock, suspicions, confirmed } = make();
    suspicions.raise(recordOf(1), 5_000, true);
    suspicions.raise(recordOf(2), 5_000, true);
    suspicions.clear(idOf(1));
    expect([suspicions.has(idOf(1)), clock.pendingTimers]).toEqual([false, 1]);
    suspicions.close();
    expect(suspicions.raise(recordOf(3), 5_000, true)).toBe(false);
    expect([confirmed, clock.pendingTimers]).toEqual([[], 0]);
  });
});
