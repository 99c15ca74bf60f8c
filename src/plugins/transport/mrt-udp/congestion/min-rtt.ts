/** How long the lowest round-trip time stands, and after how long without one like it the path is emptied to look (BBRv3, section 4.3.4). */
const WINDOW_MS = 10_000;
const PROBE_AFTER_MS = 5_000;

/** A round-trip time this much above the lowest shows an empty path as well: timers and radios blur it by as much. */
const NEAR = 1 / 32;
const NEAR_MS = 0.25;

/** The round-trip time of the path when it is empty, in milliseconds. */
export class MinRtt {
  #valueMs: number;
  #takenAt: number;
  /** The lowest since the path was last seen empty. */
  #recentMs = Infinity;
  #seenAt: number;

  constructor(initialMs: number, now: number) {
    this.#valueMs = initialMs;
    this.#takenAt = this.#seenAt = now;
  }

  get valueMs(): number {
    return this.#valueMs;
  }

  isDue(now: number): boolean {
    return now - this.#seenAt > PROBE_AFTER_MS;
  }

  update(rttMs: number, now: number): void {
    this.#recentMs = Math.min(this.#recentMs, rttMs);
    if (rttMs <= this.#valueMs * (1 + NEAR) + NEAR_MS) this.#seenAt = now;
    if (rttMs <= this.#valueMs) this.#take(rttMs, now);
    else if (now - this.#takenAt > WINDOW_MS) this.#take(this.#recentMs, now);
  }

  /** The path was emptied: what was measured since counts as its round-trip time when empty. */
  onProbed(now: number): void {
    this.#seenAt = now;
  }

  #take(rttMs: number, now: number): void {
    this.#valueMs = rttMs;
    this.#takenAt = now;
    this.#recentMs = Infinity;
  }
}
