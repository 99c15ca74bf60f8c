/** Every call that waits takes these. */
export interface AbortOptions {
  /** Gives up the call: it rejects with the signal's reason and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
}
