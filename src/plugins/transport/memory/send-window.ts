import { WaitingLine } from '../../../kit/index.ts';

/** What may be underway or unread at the other end before `send` waits: frames, and bytes (the last frame may exceed it). */
const WINDOW_FRAMES = 16;
const WINDOW_BYTES = 256 * 1024;

/** Lets frames out in order while the other end has room; the others wait for credit. */
export class SendWindow {
  readonly #line: WaitingLine;
  #frames = 0;
  #bytes = 0;
  #whenEmpty: (() => void) | undefined;

  /** `put` gets copies, one after the other, in the order of the calls of `send`. */
  constructor(put: (frame: Uint8Array) => void) {
    this.#line = new WaitingLine({
      hasRoom: () => this.#frames < WINDOW_FRAMES && this.#bytes < WINDOW_BYTES,
      release: (frame) => {
        this.#frames++;
        this.#bytes += frame.length;
        put(frame);
      },
      onGivenUp: () => this.#advance(),
    });
  }

  /** Resolves when the frame is out; rejects, and never lets it out, where the signal aborts before. */
  send(frame: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    return this.#line.send(frame, signal);
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
    this.#line.fail(error);
  }

  #advance(): void {
    this.#line.advance();
    if (!this.#line.isEmpty) return;
    this.#whenEmpty?.();
    this.#whenEmpty = undefined;
  }
}
