import { MAX_PROBE_INTERVAL_MS } from './constants.ts';

/**
 * When to ping while nothing is in flight: rarely, to learn that an idle peer is still there; sooner and with back-off where
 * the peer's window is closed, so that a window it opened is not missed.
 */
export class IdleProbe {
  readonly #keepAliveMs: number;
  #activeAt: number;
  #blockedMs: number | undefined;
  #probes = 0;

  constructor(keepAliveMs: number, now: number) {
    this.#keepAliveMs = keepAliveMs;
    this.#activeAt = now;
  }

  get deadline(): number {
    const interval =
      this.#blockedMs === undefined
        ? this.#keepAliveMs
        : Math.min(this.#blockedMs * 2 ** this.#probes, MAX_PROBE_INTERVAL_MS, this.#keepAliveMs);
    return this.#activeAt + interval;
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
