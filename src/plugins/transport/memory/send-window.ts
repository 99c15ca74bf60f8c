import { toError } from '../../../kernel/index.ts';

/** What may be underway or unread at the other end before `send` waits: frames, and bytes (the last frame may exceed it). */
const WINDOW_FRAMES = 16;
const WINDOW_BYTES = 256 * 1024;

interface WaitingFrame {
  readonly frame: Uint8Array;
  resolve(): void;
  reject(error: Error): void;
}

/** Lets frames out in order while the other end has room; the others wait for credit. */
export class SendWindow {
  readonly #put: (frame: Uint8Array) => void;
  readonly #waiting = new Set<WaitingFrame>();
  #frames = 0;
  #bytes = 0;
  #whenEmpty: (() => void) | undefined;

  /** `put` gets copies, one after the other, in the order of the calls of `send`. */
  constructor(put: (frame: Uint8Array) => void) {
    this.#put = put;
  }

  /** Resolves when the frame is out; rejects, and never lets it out, where the signal aborts before. */
  send(frame: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size === 0 && this.#hasRoom()) {
      this.#release(frame);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiting);
        signal?.removeEventListener('abort', cancel);
      };
      const waiting: WaitingFrame = {
        frame,
        resolve: () => {
          leave();
          resolve();
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const cancel = () => {
        waiting.reject(toError(signal?.reason));
        this.#advance();
      };
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', cancel);
    });
  }

  /** The other end's reader took a frame of so many bytes. */
  credit(bytes: number): void {
    this.#frames--;
    this.#bytes -= bytes;
    this.#advance();
  }

  /** Calls back once nothing waits any more: at once, or when the last waiting frame is out. */
  finish(whenEmpty: () => void): void {
    this.#whenEmpty = whenEmpty;
    this.#advance();
  }

  /** Rejects every send that waits; nothing is called back any more. */
  fail(error: Error): void {
    this.#whenEmpty = undefined;
    for (const waiting of this.#waiting) waiting.reject(error);
  }

  #advance(): void {
    for (const waiting of this.#waiting) {
      if (!this.#hasRoom()) return;
      this.#release(waiting.frame);
      waiting.resolve();
    }
    if (this.#waiting.size > 0) return;
    this.#whenEmpty?.();
    this.#whenEmpty = undefined;
  }

  #hasRoom(): boolean {
    return this.#frames < WINDOW_FRAMES && this.#bytes < WINDOW_BYTES;
  }

  #release(frame: Uint8Array): void {
    this.#frames++;
    this.#bytes += frame.length;
    this.#put(frame.slice());
  }
}
