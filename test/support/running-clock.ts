import type { VirtualClock } from '../../src/kit/virtual-clock.ts';

const STEP_MS = 20;

/** Runs work while a virtual clock passes as fast as the work lets it: for code that waits on a clock by itself. */
export async function whileRunning<T>(clock: VirtualClock, work: () => Promise<T>): Promise<T> {
  let over = false;
  const running = (async () => {
    while (!over) await clock.advance(STEP_MS);
  })();
  try {
    return await work();
  } finally {
    over = true;
    await running;
  }
}
