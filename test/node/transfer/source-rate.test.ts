import { VirtualClock } from '../../../src/kit/index.ts';
import { SourceRate, type Asking } from '../../../src/node/transfer/source-rate.ts';

const MIB = 1_024 * 1_024;
const PIECE = 256 * 1_024;

/** Asks a source of so many bytes a millisecond, and so much delay, for what the window allows, for a while. */
async function measure({ rate = 10_000, delayMs = 20, forMs = 2_000, maxWindow = 8 * MIB } = {}) {
  const clock = new VirtualClock();
  const source = new SourceRate({ clock, maxWindow });
  const open: { readonly asking: Asking; readonly at: number }[] = [];
  let busyUntil = 0;
  while (clock.now() < forMs) {
    while (source.openBytes === 0 || source.openBytes + PIECE <= source.window) {
      busyUntil = Math.max(busyUntil, clock.now() + delayMs / 2) + PIECE / rate;
      open.push({ asking: source.ask(PIECE), at: busyUntil + delayMs / 2 });
    }
    const next = open.shift()!;
    await clock.advance(Math.max(0, next.at - clock.now()));
    source.answered(next.asking);
  }
  return { clock, source };
}

describe('the window of a source', () => {
  test('is 1 MiB before anything is known, and never more than allowed', () => {
    const clock = new VirtualClock();
    expect(new SourceRate({ clock, maxWindow: 8 * MIB }).window).toBe(MIB);
    expect(new SourceRate({ clock, maxWindow: 1_000 }).window).toBe(1_000);
  });

  test.each([
    [1_000, 10],
    [10_000, 20],
    [10_000, 200],
    [100_000, 50],
  ])('comes to what fills a path of %i bytes/ms and %i ms, and no more than four times that', async (rate, delayMs) => {
    const { source } = await measure({ rate, delayMs, forMs: 5_000 });
    const full = Math.min(rate * delayMs, 8 * MIB);
    expect(source.window).toBeGreaterThanOrEqual(full);
    expect(source.window).toBeLessThanOrEqual(4 * (full + 2 * PIECE));
  });

  test('of a slow source becomes small', async () => {
    const { source } = await measure({ rate: 100, delayMs: 20, forMs: 20_000 });
    expect(source.window).toBeLessThan(2.5 * PIECE);
  });
});

describe('an answer', () => {
  test('is expected after the delay and what is before it', async () => {
    const { source } = await measure({ rate: 10_000, delayMs: 100 });
    const before = source.openBytes;
    expect(source.expectedMs(PIECE)).toBeGreaterThan((before + PIECE) / 10_000 / 1.5);
    expect(source.expectedMs(PIECE)).toBeLessThan(100 + PIECE / 10_000 + (before + PIECE) / 10_000 + 50);
  });

  test('that was asked for before anything was known is expected by what is known now', async () => {
    const clock = new VirtualClock();
    const source = new SourceRate({ clock, maxWindow: 8 * MIB });
    const [first, second] = [source.ask(PIECE), source.ask(PIECE)];
    expect(source.dueAt(second)).toBe(500);
    await clock.advance(2_000);
    source.answered(first);
    expect(source.dueAt(second)).toBeCloseTo(4_000, 0);
  });

  test('is late after four times the expected time, and not before half a second', async () => {
    const { clock, source } = await measure({ rate: 1_000, delayMs: 100 });
    const expectedMs = source.expectedMs(PIECE);
    const { askedAt, lateAt } = source.ask(PIECE);
    expect(askedAt).toBe(clock.now());
    expect(lateAt - askedAt).toBeCloseTo(4 * expectedMs, 6);
    const quick = await measure({ rate: 100_000, delayMs: 1 });
    const asking = quick.source.ask(1);
    expect(asking.lateAt - asking.askedAt).toBe(500);
  });
});
