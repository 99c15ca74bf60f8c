import type { Clock } from '../../kernel/index.ts';

export interface SourceRateOptions {
  readonly clock: Clock;
  /** Bytes that may be asked for and not yet received, at most. */
  readonly maxWindow: number;
}

/** One request of a source, from the moment it goes out. */
export interface Asking {
  readonly length: number;
  /** When it went out, and from when on it counts as late; in the clock's ms. */
  readonly askedAt: number;
  readonly lateAt: number;
  /** Bytes asked for up to its end, since the first request. */
  readonly askedBytes: number;
  /** What had come from the source by then, and when the last of it. */
  readonly receivedBefore: number;
  readonly receivedAt: number;
}

/** The window before anything was measured: fills 80 Mbit/s at 100 ms, and is no great loss where the source turns out dead. */
const FIRST_WINDOW = 1024 * 1024;

/** A source that never answered is expected to within this time. */
const FIRST_ANSWER_MS = 500;

/** What is asked of a source at least: this much of its time, so that a pause of ours does not leave it without work. */
const LEAST_QUEUE_MS = 50;

/** Round trips that a window holds: with two the measured rate doubles in each round trip until the path is full. */
const WINDOW_ROUND_TRIPS = 2;

/** What a rate below the known one changes of it: rates rise at once and fall slowly, since a pause may be anybody's. */
const FALL = 1 / 8;

/** A request is late after so many times the expected time, and never before LEAST_LATE_MS: a pause is no failure. */
const LATE_FACTOR = 4;
const LEAST_LATE_MS = 500;

/** Shorter times than this are the clock's grain. */
const LEAST_INTERVAL_MS = 0.05;

/**
 * What a source can be expected to deliver. Rate and delay are measured as by BBR (Cardwell et al., "BBR: congestion-based congestion
 * control", 2016): a rate over the time from the last delivery before a request to its answer, and the least time that an answer took;
 * their product is what the path holds.
 */
export class SourceRate {
  readonly #options: SourceRateOptions;
  /** Bytes a millisecond; `undefined` before the first answer. */
  #rate: number | undefined;
  #delayMs = Infinity;
  #asked = 0;
  #received = 0;
  #receivedAt = 0;

  constructor(options: SourceRateOptions) {
    this.#options = options;
  }

  /** Bytes asked for and not yet received. */
  get openBytes(): number {
    return this.#asked - this.#received;
  }

  /** How many bytes to have asked for at a time. */
  get window(): number {
    const { maxWindow } = this.#options;
    if (this.#rate === undefined) return Math.min(FIRST_WINDOW, maxWindow);
    return Math.min(this.#rate * Math.max(WINDOW_ROUND_TRIPS * this.#delayMs, LEAST_QUEUE_MS), maxWindow);
  }

  /** In how many milliseconds so many bytes would be here if they were asked for now. */
  expectedMs(bytes: number): number {
    if (this.#rate === undefined) return FIRST_ANSWER_MS;
    return this.#delayMs + (this.openBytes + bytes) / this.#rate;
  }

  /** When an answer is expected, by all that is known now; in the clock's ms. Answers come in the order of the requests. */
  dueAt({ askedAt, askedBytes }: Asking): number {
    if (this.#rate === undefined) return askedAt + FIRST_ANSWER_MS;
    return Math.max(askedAt + this.#delayMs, this.#receivedAt + (askedBytes - this.#received) / this.#rate);
  }

  /** A request goes out. */
  ask(length: number): Asking {
    const askedAt = this.#options.clock.now();
    const expected = this.expectedMs(length);
    // What comes over an idle path is measured from the request on, not from what came before the pause.
    if (this.openBytes === 0) this.#receivedAt = askedAt;
    this.#asked += length;
    return {
      length,
      askedAt,
      lateAt: askedAt + Math.max(LATE_FACTOR * expected, LEAST_LATE_MS),
      askedBytes: this.#asked,
      receivedBefore: this.#received,
      receivedAt: this.#receivedAt,
    };
  }

  /** Its answer came. */
  answered({ askedAt, length, receivedAt, receivedBefore }: Asking): void {
    const now = this.#options.clock.now();
    this.#received += length;
    this.#receivedAt = now;
    this.#delayMs = Math.min(this.#delayMs, now - askedAt);
    const rate = (this.#received - receivedBefore) / Math.max(now - receivedAt, LEAST_INTERVAL_MS);
    const known = this.#rate ?? 0;
    this.#rate = rate >= known ? rate : known + (rate - known) * FALL;
  }
}
