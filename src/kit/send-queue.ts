import { toError } from '../kernel/index.ts';
import type { FrameChannel } from './frame-channel.ts';

interface WaitingFrame {
  readonly frame: Uint8Array;
  /** Whether the caller may give up: a frame underway must then be a copy, since it is the caller's again at once. */
  readonly isCancellable: boolean;
  resolve(): void;
  reject(error: Error): void;
}

/** Lets frames out to a channel in order while it takes them; the others wait. Every send settles, by `fail` at the latest. */
export class SendQueue {
  readonly #channel: FrameChannel;
  readonly #waiting = new Set<WaitingFrame>();
  /** The frame that the channel has not given back yet. */
  #underway: WaitingFrame | undefined;
  #isAdvancing = false;
  #whenEmpty: (() => void) | undefined;

  constructor(channel: FrameChannel) {
    this.#channel = channel;
  }

  /** Resolves when the frame is the caller's again; rejects, and never lets it out, where the signal aborts while it waits. */
  send(frame: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#waiting.delete(entry);
        if (this.#underway === entry) this.#underway = undefined;
        signal?.removeEventListener('abort', giveUp);
      };
      const entry: WaitingFrame = {
        frame,
        isCancellable: signal !== undefined,
        resolve: () => {
          settle();
          resolve();
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const giveUp = () => {
        entry.reject(toError(signal?.reason));
        this.advance();
      };
      signal?.addEventListener('abort', giveUp);
      this.#waiting.add(entry);
      this.advance();
    });
  }

  /** Lets out what the channel takes now; nothing behind a frame that it has not given back, so that sends settle in order. */
  advance(): void {
    // A frame that is given back at once leads here from within the loop, which goes on by itself.
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    for (const entry of this.#waiting) {
      if (!this.#channel.canWrite || this.#underway !== undefined) break;
      this.#waiting.delete(entry);
      this.#release(entry);
    }
    this.#isAdvancing = false;
    if (this.#waiting.size > 0) return;
    const whenEmpty = this.#whenEmpty;
    this.#whenEmpty = undefined;
    whenEmpty?.();
  }

  /** Calls back once nothing waits any more, at once or later; not after `fail`. */
  finish(whenEmpty: () => void): void {
    this.#whenEmpty = whenEmpty;
    this.advance();
  }

  /** Rejects every send that has not resolved. */
  fail(error: Error): void {
    this.#whenEmpty = undefined;
    this.#underway?.reject(error);
    for (const entry of this.#waiting) entry.reject(error);
  }

  #release(entry: WaitingFrame): void {
    if (entry.isCancellable) {
      this.#channel.writeFrame(entry.frame.slice(), () => undefined);
      entry.resolve();
      return;
    }
    this.#underway = entry;
    this.#channel.writeFrame(entry.frame, () => {
      entry.resolve();
      this.advance();
    });
  }
}
