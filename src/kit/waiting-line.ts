import { toError } from '../kernel/index.ts';

interface WaitingFrame {
  readonly frame: Uint8Array;
  resolve(): void;
  reject(error: Error): void;
}

export interface WaitingLineOptions {
  /** Whether the next frame may go. */
  readonly hasRoom: () => boolean;
  /** Lets a frame go: a copy, in the order of the calls of `send`. */
  readonly release: (frame: Uint8Array) => void;
  /** A send was given up while it waited: whoever stood behind it may have come to the front. */
  readonly onGivenUp: () => void;
}

/** Frames in order, each of which goes when there is room: the flow control of a transport that keeps what is underway within bounds. */
export class WaitingLine {
  readonly #options: WaitingLineOptions;
  readonly #waiting = new Set<WaitingFrame>();

  constructor(options: WaitingLineOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Resolves when the frame has gone; rejects, and never lets it go, where the signal aborts before. */
  send(frame: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    if (this.isEmpty && this.#options.hasRoom()) {
      this.#options.release(frame.slice());
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
        this.#options.onGivenUp();
      };
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', cancel);
    });
  }

  /** There may be room again. */
  advance(): void {
    for (const waiting of this.#waiting) {
      if (!this.#options.hasRoom()) return;
      this.#options.release(waiting.frame.slice());
      waiting.resolve();
    }
  }

  /** Rejects every send that waits. */
  fail(error: Error): void {
    for (const waiting of this.#waiting) waiting.reject(error);
  }
}
