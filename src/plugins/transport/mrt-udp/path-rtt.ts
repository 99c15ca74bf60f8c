import { RttEstimator } from '../../../kit/rtt-estimator.ts';
import { ackDelayMs } from './ack-tracker.ts';
import { GRANULARITY_MS, INITIAL_RTT_MS, MAX_ACK_DELAY_MS } from './constants.ts';

/** Round-trip time of a path: RFC 6298's smoothing with the peer's delays taken out, as RFC 9002, section 5, says. Milliseconds. */
export class PathRtt {
  #estimator = new RttEstimator();
  #latestMs = INITIAL_RTT_MS;
  #minMs = Infinity;

  get smoothedMs(): number {
    return this.#estimator.smoothedMs ?? INITIAL_RTT_MS;
  }

  /** The larger of the last measurement and the smoothed ones. */
  get currentMs(): number {
    return Math.max(this.smoothedMs, this.#latestMs);
  }

  /** The lowest measurement of this path. */
  get minMs(): number {
    return Math.min(this.#minMs, this.smoothedMs);
  }

  /**
   * Takes one measurement; `ackDelayMs` is what the peer says it waited, believed up to the maximum there is.
   * @returns the measurement without that, where it is plausible.
   */
  sample(measuredMs: number, ackDelayMs: number): number {
    this.#latestMs = measuredMs;
    this.#minMs = Math.min(this.#minMs, measuredMs);
    const delayMs = Math.min(ackDelayMs, MAX_ACK_DELAY_MS);
    const adjustedMs = measuredMs - this.#minMs >= delayMs ? measuredMs - delayMs : measuredMs;
    this.#estimator.update(adjustedMs);
    return adjustedMs;
  }

  /** Another path: nothing is known of it. */
  reset(): void {
    this.#estimator = new RttEstimator();
    this.#latestMs = INITIAL_RTT_MS;
    this.#minMs = Infinity;
  }

  /**
   * How long the last packets may go unacknowledged before something is sent to learn of them: a tail loss probe (RFC 8985, section 7.2). Two
   * round trips, or more where they vary, and what an acknowledgement waits for company.
   */
  get tailProbeMs(): number {
    if (this.#estimator.smoothedMs === undefined) return this.probeTimeoutMs;
    const { smoothedMs } = this;
    const spareMs = Math.max(smoothedMs, 4 * this.#estimator.variationMs) + GRANULARITY_MS;
    return Math.min(this.probeTimeoutMs, smoothedMs + spareMs + ackDelayMs(smoothedMs));
  }

  /** How long an acknowledgement may take before its absence means something (RFC 9002, section 6.2.1). */
  get probeTimeoutMs(): number {
    const variationMs = this.#estimator.smoothedMs === undefined ? INITIAL_RTT_MS / 2 : this.#estimator.variationMs;
    return this.smoothedMs + Math.max(4 * variationMs, GRANULARITY_MS) + MAX_ACK_DELAY_MS;
  }
}
