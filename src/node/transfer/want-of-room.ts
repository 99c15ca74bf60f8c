import { errorCode, toError, type Clock, type Random } from '../../kernel/index.ts';
import { Backoff } from '../../kit/backoff.ts';
import { sleep } from '../../kit/sleep.ts';

/** The bounds of the first and of the longest pause before a node that had no room is asked again, in ms. */
const FIRST_MS = 200;
const LONGEST_MS = 5_000;

/** Whether a node was reached and has no room for a transfer now. It may have some soon; one that is gone cannot say so. */
export function hasNoRoom(error: unknown): boolean {
  return errorCode(error) === 'ERR_LIMIT';
}

/** How long to leave a node alone that has no room. */
export function roomBackoff(random: Random): Backoff {
  return new Backoff({ firstMs: FIRST_MS, maxMs: LONGEST_MS, random });
}

/** Asks one node, and again for as long as it has no room. Rejects as `ask` does otherwise, or with the signal's reason. */
export async function askWhenThereIsRoom<T>(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  const backoff = roomBackoff(random);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!hasNoRoom(error)) throw error;
    }
    if (!(await sleep(clock, backoff.nextMs(), signal))) throw toError(signal.reason);
  }
}
