import { sleep } from '../../src/kit/sleep.ts';
import { VirtualClock } from '../../src/kit/virtual-clock.ts';

describe('sleep', () => {
  test('resolves true when the time is over', async () => {
    const clock = new VirtualClock();
    const outcome = sleep(clock, 10, new AbortController().signal);
    await clock.advance(10);
    expect(await outcome).toBe(true);
  });

  test('resolves false at once where the signal aborts, before or meanwhile, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const outcome = sleep(clock, 10, controller.signal);
    controller.abort();
    expect(await outcome).toBe(false);
    expect(await sleep(clock, 10, controller.signal)).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});
