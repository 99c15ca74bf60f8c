import { TwoPeriodMax } from './rounds.ts';

/** Rounds after which half of what is remembered of bursts is forgotten (BBRv3: ten rounds in all). */
const PERIOD_ROUNDS = 5;

/** Most time's worth of bytes that a burst of acknowledgements is allowed for. */
const MAX_BURST_MS = 100;

/**
 * How many bytes more than the rate explains are acknowledged at once: radio links, and event loops that are late, gather
 * acknowledgements, and while they do so the sender must have as much more in flight (BBRv3, section 4.5.4).
 */
export class AckAggregation {
  readonly #extra = new TwoPeriodMax();
  #epochStart = 0;
  #epochAcked = 0;
  #periodEnd = PERIOD_ROUNDS;

  get extra(): number {
    return this.#extra.max;
  }

  onAck(sample: { readonly now: number; readonly bytes: number }, rate: number, round: number): void {
    const expected = rate * (sample.now - this.#epochStart);
    if (this.#epochAcked <= expected) {
      this.#epochStart = sample.now;
      this.#epochAcked = 0;
    }
    const expectedSince = rate * (sample.now - this.#epochStart);
    this.#epochAcked += sample.bytes;
    if (round >= this.#periodEnd) {
      this.#periodEnd = round + PERIOD_ROUNDS;
      this.#extra.endPeriod();
    }
    this.#extra.update(Math.min(Math.max(this.#epochAcked - expectedSince, 0), rate * MAX_BURST_MS));
  }
}
