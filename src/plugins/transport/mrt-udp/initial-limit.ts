import { isLoopback } from '../../../kit/address-fields.ts';
import { sourceNetwork } from '../../../kit/source-network.ts';

/** Initials a source may send in the long run, and how many at once: a dial sends five at most, and many nodes may share an address. */
const INITIALS_PER_SECOND = 50;
const INITIAL_BURST = 250;

/** Sources that are remembered; beyond it the one that was silent longest is forgotten, which only gives it a new start. */
const MAX_SOURCES = 1_024;

interface Bucket {
  tokens: number;
  filledAt: number;
}

/**
 * How many Initials are looked at: a token bucket for each source, so that nobody alone keeps the endpoint busy. Sources that forge their
 * address are the affair of retry tokens. This machine is left out: whoever is on it can do worse.
 */
export class InitialLimit {
  /** By source, the one that sent last at the end. */
  readonly #buckets = new Map<string, Bucket>();

  /** Sources that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Whether one more Initial of a source may be looked at; counts it. */
  allows(ip: string, now: number): boolean {
    if (isLoopback(ip)) return true;
    const key = sourceNetwork(ip);
    const bucket = this.#buckets.get(key) ?? { tokens: INITIAL_BURST, filledAt: now };
    const earned = ((now - bucket.filledAt) / 1_000) * INITIALS_PER_SECOND;
    bucket.tokens = Math.min(INITIAL_BURST, bucket.tokens + earned);
    bucket.filledAt = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    this.#forgetOldest();
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #forgetOldest(): void {
    if (this.#buckets.size <= MAX_SOURCES) return;
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}
