import { VirtualClock } from '../../../src/kit/index.ts';
import { SilenceDeadline } from '../../../src/node/overlay/silence-deadline.ts';

function make() {
  const clock = new VirtualClock();
  const silentAt: number[] = [];
  const times = { quietSince: 0, runningSince: -Infinity };
  const deadline = new SilenceDeadline({
    clock,
    pace: times,
    deadMs: 10_000,
    quietSince: () => times.quietSince,
    onSilent: () => silentAt.push(clock.now()),
  });
  deadline.arm();
  return { clock, silentAt, times, deadline };
}

describe('a silence', () => {
  test('is over when its time is, counted from the last that was heard', async () => {
    const { clock, silentAt, times } = make();
    await clock.advance(4_000);
    times.quietSince = 4_000;
    await clock.advance(60_000);
    expect(silentAt).toEqual([14_000]);
  });

  test('does not count while this node did not run itself', async () => {
    const { clock, silentAt, times } = make();
    await clock.advance(9_000);
    times.runningSince = 9_000;
    await clock.advance(60_000);
    expect(silentAt).toEqual([19_000]);
  });

  test('nobody watches any more leaves no timer', async () => {
    const { clock, silentAt, deadline } = make();
    deadline.cancel();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(60_000);
    expect(silentAt).toEqual([]);
  });
});
