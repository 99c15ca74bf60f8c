/**
 * How late the event loop may be for what it kept to be made up for at once. While it was, the path drained: a burst of as much
 * brings back what should be in it. Busy machines were seen to be 50 ms late.
 */
const LATE_MS = 50;

/** Bytes that may leave at once after a pause (RFC 9002, section 7.7: no more than the initial window). */
const BURST = 14_720;

/** A packet due within this time leaves now: no timer is that fine. */
const TOLERANCE_MS = 0.25;

/** Spreads packets over time, so that a window of them does not arrive as one burst at the narrowest link. */
export class Pacer {
  #releaseAt = -Infinity;
  #restsSince: number | undefined;

  /** When the next packet may leave. */
  get releaseAt(): number {
    return this.#releaseAt;
  }

  /** Whether a packet that is ready may leave now. @param rate bytes a millisecond. */
  isOpen(rate: number, now: number): boolean {
    this.#endRest(rate, now);
    return this.#releaseAt - TOLERANCE_MS <= now;
  }

  /** Nothing is in flight: the next packet meets no queue of ours, and may leave whatever went before. */
  restart(now: number): void {
    this.#releaseAt = Math.min(this.#releaseAt, now);
  }

  /** No packet is ready, or none is allowed: the time that passes is not lateness. */
  rest(now: number): void {
    this.#restsSince ??= now;
  }

  onSent(size: number, rate: number, now: number): void {
    const creditMs = Math.max(LATE_MS, (2 * size) / rate);
    this.#releaseAt = Math.max(this.#releaseAt, now - creditMs) + size / rate;
  }

  #endRest(rate: number, now: number): void {
    if (this.#restsSince === undefined) return;
    const restMs = now - this.#restsSince;
    this.#restsSince = undefined;
    // Lateness from before is kept; beyond it a rest is worth one burst.
    const kept = this.#releaseAt + restMs;
    this.#releaseAt = Math.min(kept, Math.max(this.#releaseAt, now - BURST / rate));
  }
}
