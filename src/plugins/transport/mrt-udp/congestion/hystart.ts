import type { AckSample } from './controller.ts';
import { RoundCounter } from './rounds.ts';

/** Constants of RFC 9406, section 4.3. */
const MIN_RTT_RISE_MS = 4;
const MAX_RTT_RISE_MS = 16;
const RTT_DIVISOR = 8;
const SAMPLES = 8;
const CONSERVATIVE_DIVISOR = 4;
const CONSERVATIVE_ROUNDS = 5;

/** Finds the end of slow start by the rise of the round-trip time, before the queue overflows (HyStart++, RFC 9406). */
export class HyStart {
  readonly #rounds = new RoundCounter();
  #lastMinMs = Infinity;
  #currentMinMs = Infinity;
  #samples = 0;
  /** Round in which the rise was seen, and the round-trip time before it. */
  #riseRound: number | undefined;
  #baselineMs = Infinity;

  /** Whether slow start is over. */
  get isDone(): boolean {
    return this.#riseRound !== undefined && this.#rounds.count - this.#riseRound >= CONSERVATIVE_ROUNDS;
  }

  /** @returns the share of the acknowledged bytes by which the window may grow. */
  onAck(sample: AckSample): number {
    if (this.#rounds.onAck(sample)) {
      this.#lastMinMs = this.#currentMinMs;
      this.#currentMinMs = Infinity;
      this.#samples = 0;
    }
    if (sample.rttMs !== undefined) {
      this.#currentMinMs = Math.min(this.#currentMinMs, sample.rttMs);
      this.#samples += 1;
    }
    if (this.#samples >= SAMPLES) this.#judge();
    return this.#riseRound === undefined ? 1 : 1 / CONSERVATIVE_DIVISOR;
  }

  #judge(): void {
    if (this.#riseRound !== undefined) {
      if (this.#currentMinMs < this.#baselineMs) this.#riseRound = undefined;
      return;
    }
    const riseMs = Math.max(MIN_RTT_RISE_MS, Math.min(this.#lastMinMs / RTT_DIVISOR, MAX_RTT_RISE_MS));
    if (this.#lastMinMs === Infinity || this.#currentMinMs < this.#lastMinMs + riseMs) return;
    this.#riseRound = this.#rounds.count;
    this.#baselineMs = this.#currentMinMs;
  }
}
