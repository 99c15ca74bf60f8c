import type { Address, Connection, Listener } from '../../../kernel/index.ts';
import { AsyncQueue } from '../../../kit/index.ts';
import { MAX_WAITING_CALLS } from './limits.ts';
import type { MemoryCall } from './memory-call.ts';
import type { Doorway } from './memory-network.ts';

/** Holds the calls that arrived until the iterator takes them. */
export class MemoryListener implements Listener, Doorway {
  readonly address: Address;
  readonly #queue = new AsyncQueue<MemoryCall>();
  readonly #waiting = new Set<MemoryCall>();
  readonly #whenClosed: () => void;

  constructor(address: Address, whenClosed: () => void) {
    this.address = address;
    this.#whenClosed = whenClosed;
  }

  ring(call: MemoryCall): void {
    if (this.#waiting.size >= MAX_WAITING_CALLS) {
      call.refuse('too many others wait there already');
      return;
    }
    this.#waiting.add(call);
    this.#queue.push(call);
  }

  [Symbol.asyncIterator](): AsyncIterator<Connection> {
    return { next: () => this.#take() };
  }

  async close(): Promise<void> {
    if (this.#queue.ended) return;
    this.#queue.end();
    for (const call of this.#waiting) call.refuse('its listener was closed');
    this.#whenClosed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #take(): Promise<IteratorResult<Connection>> {
    for (;;) {
      const result = await this.#queue.next();
      if (result.done === true) return result;
      this.#waiting.delete(result.value);
      const connection = result.value.take();
      if (connection !== undefined) return { done: false, value: connection };
    }
  }
}
