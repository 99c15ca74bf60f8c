import type { Clock } from '../../../src/kernel/index.ts';
import { OwnPace } from '../../../src/node/overlay/own-pace.ts';

function make() {
  let now = 0;
  const clock = { now: () => now } as Clock;
  const pace = new OwnPace({ clock, settings: { heartbeatMs: 2_000, deadMs: 10_000 } });
  pace.beat();
  return { pace, passes: (ms: number) => void (now += ms) };
}

describe('a node', () => {
  test('whose heartbeats come in time has no doubt of itself', () => {
    const { pace, passes } = make();
    for (let beats = 0; beats < 10; beats++) {
      passes(2_900);
      pace.beat();
    }
    expect([pace.runningSince, pace.graceMs]).toEqual([-Infinity, 0]);
  });

  test('whose heartbeat comes late gives the others their time anew, once', () => {
    const { pace, passes } = make();
    passes(7_000);
    pace.beat();
    expect([pace.runningSince, pace.graceMs]).toEqual([7_000, 10_000]);
    passes(2_000);
    pace.beat();
    expect([pace.runningSince, pace.graceMs]).toEqual([7_000, 8_000]);
  });

  test('finds out that it stood still before its heartbeat does', () => {
    const { pace, passes } = make();
    passes(7_000);
    expect(pace.graceMs).toBe(10_000);
    expect(pace.runningSince).toBe(7_000);
  });
});
