import type { Clock } from '../../../src/kernel/index.ts';
import { VirtualClock } from '../../../src/kit/index.ts';
import { SilenceDeadline } from '../../../src/node/overlay/silence-deadline.ts';

function make() {
  const clock = new VirtualClock();
  const silentAt: number[] = [];
  const node = { runningSince: -Infinity, blockedSince: undefined as number | undefined, stoppedUntil: -Infinity };
  const processClock: Clock = {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    // A timer that falls due while the process stands still fires when it goes on.
    setTimer: (delayMs, callback) =>
      clock.setTimer(Math.max(clock.now() + delayMs, node.stoppedUntil) - clock.now(), callback),
  };
  const deadline = new SilenceDeadline({
    clock: processClock,
    pace: node,
    deadMs: 10_000,
    blockedSince: () => node.blockedSince,
    onSilent: () => silentAt.push(clock.now()),
  });
  deadline.arm();
  return { clock, silentAt, node, deadline };
}

describe('a silence', () => {
  test('is over when its time is, counted from the last that was heard', async () => {
    const { clock, silentAt, deadline } = make();
    await clock.advance(4_000);
    deadline.heard();
    await clock.advance(60_000);
    expect([deadline.lastHeard, silentAt]).toEqual([4_000, [14_000]]);
  });

  test('is also that of a peer which takes nothing of what it is sent', async () => {
    const { clock, silentAt, node, deadline } = make();
    await clock.advance(4_000);
    node.blockedSince = 3_000;
    deadline.heard();
    await clock.advance(60_000);
    expect(silentAt).toEqual([13_000]);
  });

  test('does not count while this node did not run itself', async () => {
    const { clock, silentAt, node } = make();
    await clock.advance(9_000);
    node.runningSince = 9_000;
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

describe('a silence that ends while the process stands still', () => {
  test('ends nothing where what came in meanwhile is a word of the peer', async () => {
    const { clock, silentAt, node, deadline } = make();
    node.stoppedUntil = 11_000;
    deadline.arm();
    await clock.advance(11_000);
    deadline.heard();
    await clock.advance(9_999);
    expect(silentAt).toEqual([]);
    await clock.advance(1);
    expect(silentAt).toEqual([21_000]);
  });

  test('is over when what came in has been read and nothing was of the peer', async () => {
    const { clock, silentAt, node, deadline } = make();
    node.stoppedUntil = 11_000;
    deadline.arm();
    await clock.advance(60_000);
    expect(silentAt).toEqual([11_100]);
  });
});

describe('a peer of which others say that it is gone', () => {
  /** The node goes on after a stop, and will be stopped again before the peer's time is over. */
  function makeStarved() {
    const made = make();
    Object.defineProperty(made.node, 'runningSince', { get: () => made.clock.now() - 1_000 });
    return made;
  }

  test('has its time by the clock and no more, however often this node stands still', async () => {
    const { clock, silentAt, deadline } = makeStarved();
    await clock.advance(60_000);
    expect(silentAt).toEqual([]);
    deadline.heard();
    await clock.advance(8_000);
    deadline.reported();
    await clock.advance(60_000);
    expect(silentAt).toEqual([70_000]);
  });

  test('and whose time is over, is silent when what came in before has been read', async () => {
    const { clock, silentAt, deadline } = makeStarved();
    await clock.advance(12_000);
    deadline.reported();
    expect(silentAt).toEqual([]);
    await clock.advance(60_000);
    expect(silentAt).toEqual([12_100]);
  });

  test('is alive when it is heard after that', async () => {
    const { clock, silentAt, deadline } = makeStarved();
    await clock.advance(8_000);
    deadline.reported();
    expect(deadline.isReported).toBe(true);
    await clock.advance(1_000);
    deadline.heard();
    expect(deadline.isReported).toBe(false);
    await clock.advance(60_000);
    expect(silentAt).toEqual([]);
  });

  test('is not alive for a word of before its death that is read late', async () => {
    const { clock, silentAt, deadline } = makeStarved();
    await clock.advance(8_000);
    deadline.reported();
    await clock.advance(50);
    deadline.heard();
    await clock.advance(60_000);
    expect(silentAt).toEqual([18_050]);
  });

  test('is not longer where the same is said again and again', async () => {
    const { clock, silentAt, deadline } = make();
    await clock.advance(9_900);
    for (let times = 0; times < 10; times++) {
      deadline.reported();
      await clock.advance(50);
    }
    expect(silentAt).toEqual([10_000]);
  });
});
