import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../kernel/index.ts';

interface Entry {
  readonly timer: Timer;
  readonly onEnd: () => void;
}

/**
 * Accepted streams whose other side has not said yet what it speaks. Each has a time limit, and where there are too many the oldest goes:
 * who speaks at once gets through, however many others say nothing.
 */
export class HalfOpenStreams {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #timeoutMs: number;
  readonly #entries = new Map<Duplex, Entry>();

  constructor(options: { readonly clock: Clock; readonly limit: number; readonly timeoutMs: number }) {
    this.#clock = options.clock;
    this.#limit = options.limit;
    this.#timeoutMs = options.timeoutMs;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @param onEnd called where the stream ends before `release`. */
  add(stream: Duplex, onEnd: () => void = () => undefined): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size >= this.#limit) this.#drop(oldest);
    const timer = this.#clock.setTimer(this.#timeoutMs, () => this.#drop(stream));
    this.#entries.set(stream, { timer, onEnd });
    stream.once('close', () => this.#forget(stream)?.onEnd());
  }

  /** The other side has said what it speaks, or was answered that it is not wanted. */
  release(stream: Duplex): void {
    this.#forget(stream);
  }

  /** Ends them all, which is no affair of theirs: nothing is called. */
  dropAll(): void {
    for (const stream of this.#entries.keys()) {
      this.#forget(stream);
      stream.destroy();
    }
  }

  #drop(stream: Duplex): void {
    const entry = this.#forget(stream);
    stream.destroy();
    entry?.onEnd();
  }

  #forget(stream: Duplex): Entry | undefined {
    const entry = this.#entries.get(stream);
    entry?.timer.cancel();
    this.#entries.delete(stream);
    return entry;
  }
}
