import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/index.ts';

/** One event of a run: a frame that came to the other end, or something that happened at a node. */
export type TraceEvent = Readonly<Record<string, unknown>> & { readonly event: string };

export interface TraceOptions {
  readonly clock: Clock;
  /** Gets each event as a line of JSON. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/**
 * Everything that happens in a run, in order, as one SHA-256: of each frame when it arrived, from where, to where, and all its bytes; of
 * what nodes tell, and of what was done to them. Two runs with one hash were one run.
 */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #options: TraceOptions;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #frames = 0;
  #bytes = 0;

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /** Frames that arrived, and their bytes. */
  get totals(): { readonly frames: number; readonly bytes: number } {
    return { frames: this.#frames, bytes: this.#bytes };
  }

  /** Whether somebody reads the events themselves. */
  get isRead(): boolean {
    return this.#options.onLine !== undefined;
  }

  frame(from: string, to: string, bytes: Uint8Array): void {
    const at = this.#options.clock.now();
    this.#frames++;
    this.#bytes += bytes.length;
    this.#add(Buffer.from(`${at} ${from} ${to} ${bytes.length} `));
    this.#add(Buffer.from(bytes));
    this.#options.onLine?.(JSON.stringify({ at, event: 'frame', from, to, bytes: bytes.length }));
  }

  /** An event that counts for the hash. */
  event(event: TraceEvent): void {
    const line = JSON.stringify({ at: this.#options.clock.now(), ...event });
    this.#add(Buffer.from(`${line}\n`));
    this.#options.onLine?.(line);
  }

  /** An event for readers only. */
  note(event: TraceEvent): void {
    this.#options.onLine?.(JSON.stringify({ at: this.#options.clock.now(), ...event }));
  }

  /** The hash of all there was, in hex; once. */
  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  /** One call of the hash for many small pieces: the calls cost more than the bytes. */
  #add(piece: Buffer): void {
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes > 64 * 1_024) this.#flush();
  }

  #flush(): void {
    this.#hash.update(Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
