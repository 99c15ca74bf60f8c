import type { Random } from '../kernel/index.ts';

export interface BackoffOptions {
  /** The bound of the first delay, in milliseconds; each next bound is twice the one before. */
  readonly firstMs: number;
  /** What no bound exceeds. */
  readonly maxMs: number;
  readonly random: Random;
}

/**
 * Delays between attempts: exponential, with full jitter (uniform between 0 and the bound), so that many who failed together
 * do not come back together. Marc Brooker, "Exponential Backoff And Jitter", 2015.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Delays taken since the start or the last `reset`. */
  get attempts(): number {
    return this.#attempts;
  }

  /** How long to wait before the next attempt, in milliseconds. */
  nextMs(): number {
    const { firstMs, maxMs, random } = this.#options;
    const bound = Math.min(maxMs, firstMs * 2 ** this.#attempts++);
    return random.fraction() * bound;
  }

  /** An attempt succeeded: the next delay is short again. */
  reset(): void {
    this.#attempts = 0;
  }
}
