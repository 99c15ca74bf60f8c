import { systemClock } from '../../../src/kit/world/system-clock.ts';
import { systemRandom } from '../../../src/kit/world/system-random.ts';

describe('systemClock', () => {
  test('fires no sooner than asked for', async () => {
    const clock = systemClock();
    const early: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const due = clock.now() + index / 7;
        await new Promise<void>((resolve) => clock.setTimer(index / 7, resolve));
        if (clock.now() < due) early.push(index);
      }),
    );
    expect(early).toEqual([]);
  });

  test('waits for a delay that the system cannot, instead of firing at once', async () => {
    const clock = systemClock();
    let fired = false;
    const timer = clock.setTimer(2 ** 40, () => (fired = true));
    await new Promise<void>((resolve) => clock.setTimer(5, resolve));
    timer.cancel();
    expect(fired).toBe(false);
  });

  test('calls nobody back who cancelled', async () => {
    const clock = systemClock();
    let fired = false;
    clock.setTimer(1, () => (fired = true)).cancel();
    await new Promise<void>((resolve) => clock.setTimer(5, resolve));
    expect(fired).toBe(false);
  });
});

describe('systemRandom', () => {
  test('gives bytes in an array of their own, each time others', () => {
    const [first, second] = [systemRandom().bytes(32), systemRandom().bytes(32)];
    expect(first.buffer.byteLength).toBe(32);
    expect(first).not.toEqual(second);
  });
});
