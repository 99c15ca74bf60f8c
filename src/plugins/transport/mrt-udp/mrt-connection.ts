import {
  KernelError,
  type AbortOptions,
  type Address,
  type Connection as TransportConnection,
} from '../../../kernel/index.ts';
import { abortable } from '../../../kit/deadline.ts';
import { deferred, type Deferred } from '../../../kit/deferred.ts';
import type { ConnectionEvent } from './connection-options.ts';
import type { Connection } from './connection.ts';

/** What a connection needs of the port it lives on. */
export interface ConnectionHost {
  readonly local: Address;
  readonly maxFrameLength: number;
  now(): number;
  /** Sends what the connection has to say, soon: with what others say in this turn of the event loop. */
  flushSoon(): void;
  /** The same before anything else is read from the socket. */
  flushNext(): void;
}

interface PendingSend extends Deferred<undefined> {
  readonly frame: Uint8Array;
}

/** A connection as the contract has it: promises and iteration over the state machine, which knows neither. */
export class MrtConnection implements TransportConnection {
  readonly local: Address;
  readonly remote: Address;
  readonly #core: Connection;
  readonly #host: ConnectionHost;
  readonly #sends: PendingSend[] = [];
  readonly #reads: Deferred<IteratorResult<Uint8Array>>[] = [];
  #closing: Deferred<undefined> | undefined;
  /** What ended the connection, where not both sides' word. */
  #error: Error | undefined;
  #isAborted = false;

  constructor(core: Connection, host: ConnectionHost, remote: Address) {
    this.#core = core;
    this.#host = host;
    this.local = host.local;
    this.remote = remote;
  }

  async send(frame: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (frame.length > this.#host.maxFrameLength) {
      const text = `a frame of ${frame.length} bytes; the limit is ${this.#host.maxFrameLength}`;
      throw new KernelError('ERR_FRAME_TOO_LARGE', text);
    }
    if (this.#error !== undefined) throw this.#error;
    if (this.#closing !== undefined) throw new KernelError('ERR_CLOSED', 'the connection was closed by this side');
    if (this.#sends.length === 0 && this.#core.canWrite) {
      // As Nagle has it (RFC 896): at once where nothing is in flight, since then somebody waits for this; else in company.
      const { isQuiet } = this.#core;
      this.#core.write(frame);
      if (isQuiet) this.#host.flushNext();
      else this.#host.flushSoon();
      return;
    }
    const pending: PendingSend = { frame, ...deferred<undefined>() };
    this.#sends.push(pending);
    const giveUp = () => {
      const index = this.#sends.indexOf(pending);
      if (index >= 0) this.#sends.splice(index, 1);
      this.#finishIfClosing();
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await abortable(pending.promise, signal);
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  async close({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#closing === undefined) {
      this.#closing = deferred<undefined>();
      // Whoever closes without waiting must not take the process down by a failure; whoever waits gets it.
      this.#closing.promise.catch(() => undefined);
      this.#startClosing(this.#closing);
    }
    await abortable(this.#closing.promise, signal);
  }

  abort(reason: Error): void {
    if (this.#error !== undefined) return;
    this.#isAborted = true;
    this.#end(reason);
    this.#core.abort(reason);
    this.#host.flushSoon();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#read(),
      return: async () => ({ done: true, value: undefined }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#error === undefined) await this.close();
  }

  /** Takes an event of the state machine. */
  handle(event: ConnectionEvent): void {
    switch (event.type) {
      case 'readable':
        this.#feedReads();
        return;
      case 'writable':
        this.#feedSends();
        return;
      case 'delivered':
        this.#closing?.resolve(undefined);
        return;
      case 'ended':
        if (event.error === undefined) this.#feedReads();
        else this.#end(event.error);
    }
  }

  #startClosing(closing: Deferred<undefined>): void {
    if (this.#error !== undefined) {
      closing.reject(this.#error);
      return;
    }
    this.#core.limitClosing(this.#host.now());
    this.#finishIfClosing();
  }

  /** Ends our half once everything that was to be sent before `close` is written. */
  #finishIfClosing(): void {
    if (this.#closing !== undefined && this.#sends.length === 0) this.#core.finish();
    this.#host.flushSoon();
  }

  #read(): Promise<IteratorResult<Uint8Array, undefined>> {
    const frame = this.#reads.length === 0 ? this.#nextFrame() : undefined;
    if (frame !== undefined) return Promise.resolve({ done: false, value: frame });
    const waiting = deferred<IteratorResult<Uint8Array>>();
    this.#reads.push(waiting);
    this.#feedReads();
    return waiting.promise;
  }

  /** Gives those who read what there is: frames first, then the end or what ended it. */
  #feedReads(): void {
    for (let read = this.#reads[0]; read !== undefined; read = this.#reads[0]) {
      const frame = this.#nextFrame();
      if (frame !== undefined) read.resolve({ done: false, value: frame });
      else if (this.#error !== undefined) read.reject(this.#error);
      else if (this.#core.isAtEnd) read.resolve({ done: true, value: undefined });
      else return;
      this.#reads.shift();
    }
  }

  #nextFrame(): Uint8Array | undefined {
    const frame = this.#isAborted ? undefined : this.#core.read();
    // The peer may have to hear of the room.
    if (frame !== undefined) this.#host.flushSoon();
    return frame;
  }

  #feedSends(): void {
    while (this.#core.canWrite) {
      const pending = this.#sends.shift();
      if (pending === undefined) break;
      this.#core.write(pending.frame);
      pending.resolve(undefined);
    }
    this.#finishIfClosing();
  }

  #end(error: Error): void {
    this.#error ??= error;
    for (const { reject } of this.#sends.splice(0)) reject(this.#error);
    this.#closing?.reject(this.#error);
    this.#feedReads();
  }
}
