import { INITIAL_WINDOW } from './constants.ts';

/**
 * The window is this many times what was read in a round trip. What is read lags a round trip behind what flies, which a start multiplies by
 * 2.77 each time, and where it overfills a queue two more pass until the gap is closed and anything can be read: 2.77 times 2.77 times 2. Half as
 * much was seen to stop a start for half a second.
 */
const GROWTH = 16;

/** A round lasts so long at least: on a short path it is the machines that take their time, not the path, and a window has to outlast that. */
const LEAST_ROUND_MS = 25;

/** The window that a peer is told in the handshake, where it may grow to `limit`. */
export function firstWindow(limit: number): number {
  return Math.min(INITIAL_WINDOW, limit);
}

/**
 * How many bytes a peer may send ahead of the reader: little at first, then as much as path and reader are seen to take, as Linux does it for
 * TCP (dynamic right-sizing; Fisk and Feng 2001). What is read in a round trip is what the path delivered, where the reader keeps up, and what
 * the reader takes, where it does not: so a slow reader holds little memory.
 */
export class ReceiveWindow {
  readonly #limit: number;
  #size: number;
  #roundStartedAt = -Infinity;
  #roundStartedWith = 0;

  /** @param limit most bytes it grows to. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#size = firstWindow(limit);
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Whether a round trip has passed since `adapt` was called. */
  isRoundOver(rttMs: number, now: number): boolean {
    return now - this.#roundStartedAt >= Math.max(rttMs, LEAST_ROUND_MS);
  }

  /**
   * Ends a round: grows where more was read in it, or shrinks to where it began while memory is scarce.
   *
   * @param consumed bytes read so far.
   */
  adapt(consumed: number, isScarce: boolean, now: number): void {
    const read = this.#roundStartedAt === -Infinity ? 0 : consumed - this.#roundStartedWith;
    this.#roundStartedAt = now;
    this.#roundStartedWith = consumed;
    this.#size = isScarce
      ? Math.min(this.#size, INITIAL_WINDOW)
      : Math.min(this.#limit, Math.max(this.#size, read * GROWTH));
  }
}
