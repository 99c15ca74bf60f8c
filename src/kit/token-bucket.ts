import type { AbortOptions, Clock, Timer } from '../kernel/index.ts';

export interface TokenBucketOptions {
  readonly clock: Clock;
  /** Tokens that come in a second, above 0; Infinity for no bound. */
  readonly rate: number;
  /** Tokens that gather while nobody takes any. Larger evens out less; at least a few of what is taken at once. Default: what comes in 100 ms. */
  readonly burst?: number | undefined;
}

interface Waiter {
  readonly count: number;
  resolve(): void;
}

const SECOND_MS = 1_000;
const DEFAULT_BURST_SECONDS = 0.1;

/**
 * Bounds a rate, as the token bucket of RFC 2697 (section 3) does with one colour: whoever does something takes tokens for it, and waits where there are
 * none. Those who wait are served in the order they came, each its one taking; so of several that take equal amounts, one after the other,
 * each gets the same share.
 *
 * A taking is granted as soon as no debt is left, and may leave one: so it may be larger than the burst, and the rate holds on average.
 */
export class TokenBucket {
  readonly #clock: Clock;
  /** Tokens a millisecond. */
  readonly #rate: number;
  readonly #burst: number;
  readonly #waiters = new Set<Waiter>();
  /** Negative for a debt. */
  #tokens: number;
  #filledAt: number;
  #timer: Timer | undefined;

  /** @throws RangeError for a rate that is not above 0, or a negative burst */
  constructor({ clock, rate, burst = rate * DEFAULT_BURST_SECONDS }: TokenBucketOptions) {
    if (!(rate > 0) || !(burst >= 0)) throw new RangeError(`a rate of ${rate} a second with bursts of ${burst}`);
    this.#clock = clock;
    this.#rate = rate / SECOND_MS;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = clock.now();
  }

  /** Takes tokens: resolves when they may be used. Rejects with the signal's reason; none are taken then. */
  async take(count: number, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#rate === Infinity) return;
    this.#fill();
    if (this.#waiters.size === 0 && this.#tokens >= 0) {
      this.#tokens -= count;
      return;
    }
    await this.#wait(count, signal);
  }

  #wait(count: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        this.#waiters.delete(waiter);
        if (this.#waiters.size === 0) this.#stopTimer();
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        count,
        resolve: () => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiters.add(waiter);
      this.#startTimer();
    });
  }

  #serve(): void {
    this.#timer = undefined;
    this.#fill();
    for (const waiter of this.#waiters) {
      if (this.#tokens < 0) break;
      this.#waiters.delete(waiter);
      this.#tokens -= waiter.count;
      waiter.resolve();
    }
    if (this.#waiters.size > 0) this.#startTimer();
  }

  #startTimer(): void {
    // What a timer that fires early would leave of the debt is less than a token: waited for as one, so that time goes on.
    this.#timer ??= this.#clock.setTimer(Math.max(-this.#tokens, 1) / this.#rate, () => this.#serve());
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #fill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#rate);
    this.#filledAt = now;
  }
}
