import { MAX_PROBE_INTERVAL_MS } from './constants.ts';

/** Pings of idle connections leave together, on ticks of this share of the interval: what wakes a process that does nothing is the cost of them. */
const TICK_SHARE = 1 / 16;

/**
 * When to ping while nothing is in flight: rarely, to learn that an idle peer is still there; sooner and with back-off where
 * the peer's window is closed, so that a window it opened is not missed.
 */
export class IdleProbe {
  readonly #keepAliveMs: number;
  readonly #tickMs: number;
  #activeAt: number;
  #blockedMs: number | undefined;
  #probes = 0;

  /** @param waits whether it is for the other side to ask first: a sign of life of one is one of both. */
  constructor(keepAliveMs: number, waits: boolean, now: number) {
    this.#tickMs = keepAliveMs * TICK_SHARE;
    this.#keepAliveMs = keepAliveMs + (waits ? 2 * this.#tickMs : 0);
    this.#activeAt = now;
  }

  get deadline(): number {
    const sharedTick = Math.ceil((this.#activeAt + this.#keepAliveMs) / this.#tickMs) * this.#tickMs;
    if (this.#blockedMs === undefined) return sharedTick;
    return Math.min(sharedTick, this.#activeAt + Math.min(this.#blockedMs * 2 ** this.#probes, MAX_PROBE_INTERVAL_MS));
  }

  /** Tells whether the peer's window holds us back, and how long an answer takes. */
  isBlocked(blocked: boolean, probeTimeoutMs: number): void {
    if (!blocked) this.#probes = 0;
    this.#blockedMs = blocked ? probeTimeoutMs : undefined;
  }

  onReceived(now: number): void {
    this.#activeAt = now;
  }

  onSent(now: number): void {
    this.#activeAt = now;
  }

  onProbe(now: number): void {
    this.#activeAt = now;
    this.#probes += 1;
  }
}
