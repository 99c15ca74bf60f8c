import { abortable, withDeadline } from '../../src/kit/deadline.ts';
import { VirtualClock } from '../../src/kit/virtual-clock.ts';

const late = () => new Error('too late');
const never = () => new Promise<never>(() => undefined);

describe('withDeadline', () => {
  test('gives the outcome of work that is done in time, and leaves no timer', async () => {
    const clock = new VirtualClock();
    expect(await withDeadline(clock, 10, late, undefined, async () => 'done')).toBe('done');
    await expect(withDeadline(clock, 10, late, undefined, () => Promise.reject(new Error('failed')))).rejects.toThrow(
      'failed',
    );
    expect(clock.pendingTimers).toBe(0);
  });

  test('rejects when the time is over, and tells the work', async () => {
    const clock = new VirtualClock();
    let seen: AbortSignal | undefined;
    const outcome = withDeadline(clock, 10, late, undefined, (signal) => {
      seen = signal;
      return never();
    });
    const rejection = expect(outcome).rejects.toThrow('too late');
    await clock.advance(9);
    expect(seen?.aborted).toBe(false);
    await clock.advance(1);
    expect(seen?.aborted).toBe(true);
    await rejection;
  });

  test('rejects with the reason of the outer signal, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const outcome = withDeadline(clock, 10, late, controller.signal, never);
    controller.abort(new Error('given up'));
    await expect(outcome).rejects.toThrow('given up');
    expect(clock.pendingTimers).toBe(0);
  });

  test('does not begin the work where the outer signal is aborted', async () => {
    const work = countedWork();
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(withDeadline(new VirtualClock(), 10, late, signal, work.run)).rejects.toThrow('given up');
    expect(work.calls()).toBe(0);
  });
});

describe('abortable', () => {
  test('gives the outcome of the promise where nothing aborts', async () => {
    expect(await abortable(Promise.resolve(1), undefined)).toBe(1);
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve(1), signal)).toBe(1);
    await expect(abortable(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
  });

  test('rejects when the signal aborts, before or meanwhile, and ignores what comes later', async () => {
    const controller = new AbortController();
    const later = abortable(never(), controller.signal);
    controller.abort(new Error('given up'));
    await expect(later).rejects.toThrow('given up');
    await expect(abortable(Promise.reject(new Error('ignored')), controller.signal)).rejects.toThrow('given up');
  });
});

/** Work that counts how often it was begun. */
function countedWork() {
  let calls = 0;
  return { run: async () => ++calls, calls: () => calls };
}
