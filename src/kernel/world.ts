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

/** Computes SHA-256 of files and BLAKE3-256 of their pieces; of files on the calling thread or elsewhere. */
export interface Hasher extends AsyncDisposable {
  /** A new computation. With `pieceLength`, a whole number above 0, it also hashes each run of so many bytes, and what is left at the end. */
  create(options?: { readonly pieceLength?: number | undefined }): HashStream;
  /** BLAKE3-256 of one piece, 32 bytes, on the calling thread: some 50 us for 256 KiB. Also after `close`. */
  hashPiece(bytes: Uint8Array): Uint8Array;
  /** Ends all computations with ERR_CLOSED. Idempotent. */
  close(): Promise<void>;
}

/** What a computation came to. */
export interface HashResult {
  /** SHA-256 in lower-case hex, 64 digits. */
  readonly checksum: string;
  /** BLAKE3-256 of each piece, one after the other, 32 bytes each; empty where no piece length was given. */
  readonly pieces: Uint8Array;
}

/** One computation over the bytes of a file, in one pass. */
export interface HashStream {
  /** Adds bytes, which now belong to the hasher (they may be detached). Await it before the next: it is the flow control. */
  update(bytes: Uint8Array): Promise<void>;
  /** The outcome. Ends the computation. */
  digest(): Promise<HashResult>;
  /** Ends the computation without a result; idempotent, and harmless after `digest`. */
  discard(): void;
}
