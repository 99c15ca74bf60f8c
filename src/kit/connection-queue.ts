import { KernelError, type Address, type Connection, type Listener } from '../kernel/index.ts';
import { AsyncQueue } from './async-queue.ts';

/** A listener that hands out, in order, the connections pushed to it; those that nobody took are refused when it is closed. */
export class ConnectionQueue implements Listener {
  readonly address: Address;
  readonly #stop: () => Promise<void>;
  readonly #untaken = new Set<Connection>();
  readonly #queue = new AsyncQueue<Connection>();
  #closed: Promise<void> | undefined;

  /** @param stop makes the sockets below refuse; called once. */
  constructor(address: Address, stop: () => Promise<void>) {
    this.address = address;
    this.#stop = stop;
  }

  push(connection: Connection): void {
    if (this.#closed !== undefined) {
      connection.abort(refusal());
      return;
    }
    this.#untaken.add(connection);
    this.#queue.push(connection);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncIterator](): AsyncIterator<Connection, undefined> {
    return {
      next: () => this.#next(),
      return: async () => ({ done: true, value: undefined }),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #next(): Promise<IteratorResult<Connection, undefined>> {
    for (;;) {
      const result = await this.#queue.next();
      if (result.done === true) return { done: true, value: undefined };
      // Where the listener was closed meanwhile, the connection was refused.
      if (this.#untaken.delete(result.value)) return result;
    }
  }

  async #close(): Promise<void> {
    this.#queue.end();
    for (const connection of this.#untaken) connection.abort(refusal());
    this.#untaken.clear();
    await this.#stop();
  }
}

function refusal(): KernelError {
  return new KernelError('ERR_CLOSED', 'the listener was closed before the connection was taken');
}
