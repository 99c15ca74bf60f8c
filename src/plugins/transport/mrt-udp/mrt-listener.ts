import { KernelError, type Address, type Listener } from '../../../kernel/index.ts';
import { deferred, type Deferred } from '../../../kit/deferred.ts';
import type { MrtConnection } from './mrt-connection.ts';

/** Hands out accepted connections in their order until it is closed. */
export class MrtListener implements Listener {
  readonly address: Address;
  readonly #untaken: MrtConnection[] = [];
  readonly #waiting: Deferred<IteratorResult<MrtConnection>>[] = [];
  readonly #stop: () => Promise<void>;
  #closed: Promise<void> | undefined;

  /** @param stop makes the port refuse, and closes it where nothing else needs it. */
  constructor(address: Address, stop: () => Promise<void>) {
    this.address = address;
    this.#stop = stop;
  }

  push(connection: MrtConnection): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#untaken.push(connection);
    else waiting.resolve({ done: false, value: connection });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncIterator](): AsyncIterator<MrtConnection, undefined> {
    return {
      next: () => this.#next(),
      return: async () => ({ done: true, value: undefined }),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #next(): Promise<IteratorResult<MrtConnection, undefined>> {
    const connection = this.#untaken.shift();
    if (connection !== undefined) return { done: false, value: connection };
    if (this.#closed !== undefined) return { done: true, value: undefined };
    const waiting = deferred<IteratorResult<MrtConnection>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  async #close(): Promise<void> {
    const refusal = new KernelError('ERR_CLOSED', 'the listener was closed before the connection was taken');
    for (const connection of this.#untaken.splice(0)) connection.abort(refusal);
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
    await this.#stop();
  }
}
