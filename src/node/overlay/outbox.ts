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
  #head = 0;
  #waitingBytes = 0;

  /**
   * Adds frames. The same frames may wait in the outboxes of many connections: they are made once.
   *
   * @throws ERR_LIMIT where more would wait than may.
   */
  add(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      this.#waitingBytes += frame.length + FRAME_COST;
      if (this.#waitingBytes > MAX_WAITING_BYTES) {
        throw new KernelError(
          'ERR_LIMIT',
          `over ${MAX_WAITING_BYTES} bytes wait for a peer that takes them too slowly`,
        );
      }
      this.#entries.push({ frame });
    }
  }

  /** Adds messages that are made when they are taken: however many they are, they cost no memory while they wait. */
  addLazily(messages: Iterable<TextMessage>): void {
    this.#entries.push({ messages: messages[Symbol.iterator]() });
  }

  /** The next frame; undefined where none waits. Throws what a lazy message throws while it is made. */
  take(): Uint8Array | undefined {
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
    this.#head = 0;
    this.#waitingBytes = 0;
  }

  #shift(): void {
    this.#head += 1;
    if (this.#head < COMPACT_AFTER && this.#head < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
