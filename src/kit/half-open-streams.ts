import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../kernel/index.ts';

/**
 * Accepted streams whose other side has not said yet what it speaks. Each has a time limit, and where there are too many the oldest goes:
 * who speaks at once gets through, however many others say nothing.
 */
export class HalfOpenStreams {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #timeoutMs: number;
  readonly #timers = new Map<Duplex, Timer>();

  constructor(options: { readonly clock: Clock; readonly limit: number; readonly timeoutMs: number }) {
    this.#clock = options.clock;
    this.#limit = options.limit;
    this.#timeoutMs = options.timeoutMs;
  }

  get size(): number {
    return this.#timers.size;
  }

  add(stream: Duplex): void {
    const [oldest] = this.#timers.keys();
    if (oldest !== undefined && this.#timers.size >= this.#limit) this.#drop(oldest);
    this.#timers.set(
      stream,
      this.#clock.setTimer(this.#timeoutMs, () => this.#drop(stream)),
    );
    stream.once('close', () => this.release(stream));
  }

  /** The other side has said what it speaks, or is gone. */
  release(stream: Duplex): void {
    this.#timers.get(stream)?.cancel();
    this.#timers.delete(stream);
  }

  /** Ends them all. */
  dropAll(): void {
    for (const stream of this.#timers.keys()) this.#drop(stream);
  }

  #drop(stream: Duplex): void {
    this.release(stream);
    stream.destroy();
  }
}
