import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/index.ts';

/** One event of a run: a frame that came to the other end, or something that happened at a node. */
export type TraceEvent = Readonly<Record<string, unknown>> & { readonly event: string };

export interface TraceOptions {
  readonly clock: Clock;
  /** Gets each event as a line of JSON. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** What is gathered before it is hashed: one call for many small pieces, since the calls cost more than the bytes. */
const GATHERED_BYTES = 64 * 1_024;

/**
 * Everything that happens in a run, in order, as one SHA-256: of each frame when it arrived, from where, to where, and all its bytes; of
 * what nodes tell, and of what was done to them. Two runs with one hash were one run.
 */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #options: TraceOptions;
  readonly #gathered = Buffer.allocUnsafe(GATHERED_BYTES);
  #length = 0;
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
    this.#addText(`${at} ${from} ${to} ${bytes.length} `);
    this.#add(bytes);
    this.#options.onLine?.(JSON.stringify({ at, event: 'frame', from, to, bytes: bytes.length }));
  }

  /** An event that counts for the hash. */
  event(event: TraceEvent): void {
    const line = JSON.stringify({ at: this.#options.clock.now(), ...event });
    this.#addText(`${line}\n`);
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

  #add(bytes: Uint8Array): void {
    if (this.#length + bytes.length > GATHERED_BYTES) this.#flush();
    if (bytes.length > GATHERED_BYTES) {
      this.#hash.update(bytes);
      return;
    }
    this.#gathered.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #addText(text: string): void {
    // No character takes more than three bytes of UTF-8 for each of its units.
    if (this.#length + 3 * text.length > GATHERED_BYTES) this.#flush();
    if (3 * text.length > GATHERED_BYTES) this.#hash.update(text);
    else this.#length += this.#gathered.write(text, this.#length);
  }

  #flush(): void {
    this.#hash.update(this.#gathered.subarray(0, this.#length));
    this.#length = 0;
  }
}
