import { KernelError } from '../../kernel/index.ts';
import { encodeMessage } from '../messages/codec.ts';
import type { TextMessage } from '../messages/message.ts';

/** What may wait for a peer, in bytes: news of a hundred thousand files. A peer that takes it no faster is as good as dead. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** What a frame costs beside its bytes. */
const FRAME_COST = 128;
/** Places at the front of the queue that are given back at once, not one by one. */
const COMPACT_AFTER = 1_024;

type Entry = { readonly frame: Uint8Array } | { readonly messages: Iterator<TextMessage> };

/** Gossip that waits to be sent on one direct connection, in order. Bounded in bytes. */
export class Outbox {
  #entries: Entry[] = [];
  /** What goes before everything else, also while the rest is held back. */
  #first: Uint8Array[] = [];
  #isHeld = false;
  #head = 0;
  #waitingBytes = 0;

  /**
   * Adds frames. The same frames may wait in the outboxes of many connections: they are made once.
   *
   * @throws ERR_LIMIT where more would wait than may.
   */
  add(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      this.#count(frame);
      this.#entries.push({ frame });
    }
  }

  /**
   * Adds a frame before everything that waits.
   *
   * @throws ERR_LIMIT likewise.
   */
  addFirst(frame: Uint8Array): void {
    this.#count(frame);
    this.#first.push(frame);
  }

  /** Holds back what is added, but for what goes first, until it is released. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Puts these messages before all that waits, and gives out what was held back. They are made when they are taken: many cost no memory. */
  release(messages: Iterable<TextMessage>): void {
    this.#isHeld = false;
    this.#entries = [{ messages: messages[Symbol.iterator]() }, ...this.#entries.slice(this.#head)];
    this.#head = 0;
  }

  /** The next frame; undefined where none waits. Throws what a lazy message throws while it is made. */
  take(): Uint8Array | undefined {
    const urgent = this.#first.shift();
    if (urgent !== undefined) this.#waitingBytes -= urgent.length + FRAME_COST;
    if (urgent !== undefined || this.#isHeld) return urgent;
    for (let first = this.#entries[this.#head]; first !== undefined; first = this.#entries[this.#head]) {
      if ('frame' in first) {
        this.#waitingBytes -= first.frame.length + FRAME_COST;
        this.#shift();
        return first.frame;
      }
      const result: IteratorResult<TextMessage, unknown> = first.messages.next();
      if (result.done !== true) return encodeMessage(result.value);
      this.#shift();
    }
    return undefined;
  }

  /** Drops everything. */
  clear(): void {
    this.#entries = [];
    this.#first = [];
    this.#head = 0;
    this.#waitingBytes = 0;
  }

  #count(frame: Uint8Array): void {
    this.#waitingBytes += frame.length + FRAME_COST;
    if (this.#waitingBytes <= MAX_WAITING_BYTES) return;
    throw new KernelError('ERR_LIMIT', `over ${MAX_WAITING_BYTES} bytes wait for a peer that takes them too slowly`);
  }

  #shift(): void {
    this.#head += 1;
    if (this.#head < COMPACT_AFTER && this.#head < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
