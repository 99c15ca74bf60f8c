/** How much of the time that passed unused may be made up for at once: timers and a busy event loop are late by as much. */
const CREDIT_MS = 8;

/** Bytes that may leave at once after a pause (RFC 9002, section 7.7: no more than the initial window). */
const BURST = 14_720;

/** A packet due within this time leaves now: no timer is that fine. */
const TOLERANCE_MS = 0.25;

/** Spreads packets over time, so that a window of them does not arrive as one burst at the narrowest link. */
export class Pacer {
  #releaseAt = -Infinity;

  /** When the next packet may leave. */
  get releaseAt(): number {
    return this.#releaseAt;
  }

  isOpen(now: number): boolean {
    return this.#releaseAt - TOLERANCE_MS <= now;
  }

  /** @param rate bytes a millisecond. */
  onSent(size: number, rate: number, now: number): void {
    const creditMs = Math.max(CREDIT_MS, Math.max(BURST, 2 * size) / rate);
    this.#releaseAt = Math.max(this.#releaseAt, now - creditMs) + size / rate;
  }
}
