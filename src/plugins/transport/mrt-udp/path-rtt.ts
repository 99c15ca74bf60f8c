import { RttEstimator } from '../../../kit/rtt-estimator.ts';
import { GRANULARITY_MS, INITIAL_RTT_MS, MAX_ACK_DELAY_MS } from './constants.ts';

/** Round-trip time of a path: RFC 6298's smoothing with the peer's delays taken out, as RFC 9002, section 5, says. Milliseconds. */
export class PathRtt {
  readonly #estimator = new RttEstimator();
  #latestMs = INITIAL_RTT_MS;
  #minMs = Infinity;

  get smoothedMs(): number {
    return this.#estimator.smoothedMs ?? INITIAL_RTT_MS;
  }

  /** Takes one measurement; `ackDelayMs` is what the peer says it waited, believed up to the maximum there is. */
  sample(measuredMs: number, ackDelayMs: number): void {
    this.#latestMs = measuredMs;
    this.#minMs = Math.min(this.#minMs, measuredMs);
    const delayMs = Math.min(ackDelayMs, MAX_ACK_DELAY_MS);
    this.#estimator.update(measuredMs - this.#minMs >= delayMs ? measuredMs - delayMs : measuredMs);
  }

  /** How long an acknowledgement may take before its absence means something (RFC 9002, section 6.2.1). */
  get probeTimeoutMs(): number {
    const variationMs = this.#estimator.smoothedMs === undefined ? INITIAL_RTT_MS / 2 : this.#estimator.variationMs;
    return this.smoothedMs + Math.max(4 * variationMs, GRANULARITY_MS) + MAX_ACK_DELAY_MS;
  }

  /** How much later than a packet sent after it an acknowledgement may come (RFC 9002, section 6.1.2). */
  get reorderingMs(): number {
    return Math.max((9 / 8) * Math.max(this.smoothedMs, this.#latestMs), GRANULARITY_MS);
  }
}
