import type { Clock } from '../../kernel/index.ts';

const MINUTE_MS = 60_000;

/** How many addresses messages of peers may make us dial: a token bucket that refills evenly over a minute. */
export class DialBudget {
  readonly #clock: Clock;
  readonly #perMinute: number;
  #tokens: number;
  #filledAt: number;

  constructor(options: { readonly clock: Clock; readonly perMinute: number }) {
    this.#clock = options.clock;
    this.#perMinute = options.perMinute;
    this.#tokens = options.perMinute;
    this.#filledAt = options.clock.now();
  }

  /** Takes one dial; false where the budget is used up for now. */
  take(): boolean {
    return this.#takeAbove(0);
  }

  /** Takes one dial for what can wait; false where that would leave less than half of the budget to healing. */
  takeSpare(): boolean {
    return this.#takeAbove(Math.min(this.#perMinute / 2, this.#perMinute - 1));
  }

  #takeAbove(reserve: number): boolean {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#perMinute, this.#tokens + ((now - this.#filledAt) * this.#perMinute) / MINUTE_MS);
    this.#filledAt = now;
    if (this.#tokens < 1 + reserve) return false;
    this.#tokens -= 1;
    return true;
  }
}
