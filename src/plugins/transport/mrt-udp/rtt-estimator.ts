import { GRANULARITY_MS, INITIAL_RTT_MS, MAX_ACK_DELAY_MS } from './constants.ts';

/** Round-trip time of a path: RFC 6298's smoothing as RFC 9002, section 5, refines it. Milliseconds. */
export class RttEstimator {
  #smoothedMs = INITIAL_RTT_MS;
  #variationMs = INITIAL_RTT_MS / 2;
  #latestMs = INITIAL_RTT_MS;
  #minMs = Infinity;

  get smoothedMs(): number {
    return this.#smoothedMs;
  }

  get latestMs(): number {
    return this.#latestMs;
  }

  /** Takes one measurement; `ackDelayMs` is what the peer says it waited, believed up to the maximum there is. */
  sample(measuredMs: number, ackDelayMs: number): void {
    this.#latestMs = measuredMs;
    if (this.#minMs === Infinity) {
      this.#minMs = measuredMs;
      this.#smoothedMs = measuredMs;
      this.#variationMs = measuredMs / 2;
      return;
    }
    this.#minMs = Math.min(this.#minMs, measuredMs);
    const delayMs = Math.min(ackDelayMs, MAX_ACK_DELAY_MS);
    const adjustedMs = measuredMs - this.#minMs >= delayMs ? measuredMs - delayMs : measuredMs;
    this.#variationMs += (Math.abs(this.#smoothedMs - adjustedMs) - this.#variationMs) / 4;
    this.#smoothedMs += (adjustedMs - this.#smoothedMs) / 8;
  }

  /** How long an acknowledgement may take before its absence means something (RFC 9002, section 6.2.1). */
  get probeTimeoutMs(): number {
    return this.#smoothedMs + Math.max(4 * this.#variationMs, GRANULARITY_MS) + MAX_ACK_DELAY_MS;
  }

  /** How much later than a packet sent after it an acknowledgement may come (RFC 9002, section 6.1.2). */
  get reorderingMs(): number {
    return Math.max((9 / 8) * Math.max(this.#smoothedMs, this.#latestMs), GRANULARITY_MS);
  }
}
