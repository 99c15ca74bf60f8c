/** A timer that was set; cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time. Nothing outside the clock's home reads it or sets a timer. */
export interface Clock {
  /** Monotonic time in milliseconds, with fractions; the zero is arbitrary. For durations and deadlines. */
  now(): number;
  /** Milliseconds since 1970-01-01T00:00Z. For display and for what is kept on disk, never for an order. */
  wallTime(): number;
  /** Calls back once, no sooner than `delayMs` from now. A timer does not keep the process alive. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/** Randomness. The system's is fit for keys; a seeded one makes a run repeatable. */
export interface Random {
  /** `length` random bytes in an array of their own. */
  bytes(length: number): Uint8Array;
  /** Uniform in [0, 1). For jitter and choice, not for secrets. */
  fraction(): number;
}

/** Computes SHA-256, on the calling thread or elsewhere. */
export interface Hasher extends AsyncDisposable {
  /** A new computation. */
  create(): HashStream;
  /** Ends all computations with ERR_CLOSED. Idempotent. */
  close(): Promise<void>;
}

/** One SHA-256 computation. */
export interface HashStream {
  /** Adds bytes, which now belong to the hasher (they may be detached). Await it before the next: it is the flow control. */
  update(bytes: Uint8Array): Promise<void>;
  /** The checksum in lower-case hex, 64 digits. Ends the computation. */
  digest(): Promise<string>;
  /** Ends the computation without a result; idempotent, and harmless after `digest`. */
  discard(): void;
}
