/** Gains of the smoothed mean and of the variation, and what the variation counts in a timeout: RFC 6298, section 2. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
const K = 4;
/** What a timeout is before anything was measured: RFC 6298, section 2.1. */
const INITIAL_TIMEOUT_MS = 1_000;

/** Smooths measured round-trip times, all in milliseconds, as RFC 6298 says. Which samples are sound (Karn's rule) is the caller's affair. */
export class RttEstimator {
  #smoothedMs: number | undefined;
  #variationMs = 0;

  /** The smoothed round-trip time; `undefined` before the first sample. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs;
  }

  /** The mean deviation from it; 0 before the first sample. */
  get variationMs(): number {
    return this.#variationMs;
  }

  /** Takes a sample. One that is negative or not finite is no measurement and is ignored. */
  update(sampleMs: number): void {
    if (!Number.isFinite(sampleMs) || sampleMs < 0) return;
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = sampleMs;
      this.#variationMs = sampleMs / 2;
      return;
    }
    this.#variationMs += BETA * (Math.abs(this.#smoothedMs - sampleMs) - this.#variationMs);
    this.#smoothedMs += ALPHA * (sampleMs - this.#smoothedMs);
  }

  /** How long to wait for an answer before sending again: within the bounds, and above the mean by no less than the clock's granularity. */
  timeoutMs(minMs: number, maxMs: number, granularityMs: number): number {
    const timeoutMs =
      this.#smoothedMs === undefined
        ? INITIAL_TIMEOUT_MS
        : this.#smoothedMs + Math.max(granularityMs, K * this.#variationMs);
    return Math.min(maxMs, Math.max(minMs, timeoutMs));
  }
}
