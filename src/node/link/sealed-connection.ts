import {
  KernelError,
  MAX_FRAME_LENGTH,
  errorCode,
  toError,
  type AbortOptions,
  type Address,
  type Connection,
  type NodeId,
  type Session,
} from '../../kernel/index.ts';
import { abortable, discard } from '../../kit/index.ts';
import type { RecordOpener, RecordSealer } from './record-stream.ts';

export interface SealedConnectionOptions {
  readonly connection: Connection;
  /** The connection's frames, from the first record on. */
  readonly frames: AsyncIterator<Uint8Array>;
  readonly peer: NodeId;
  readonly authenticated: boolean;
  readonly sealer: RecordSealer;
  readonly opener: RecordOpener;
}

const NOTHING = new Uint8Array(0);

/** A connection after its handshake: each frame goes as one sealed record, and so does the closing mark. */
export class SealedConnection implements Session {
  readonly local: Address;
  readonly remote: Address;
  readonly peer: NodeId;
  readonly authenticated: boolean;
  readonly #connection: Connection;
  readonly #frames: AsyncIterator<Uint8Array>;
  readonly #sealer: RecordSealer;
  readonly #opener: RecordOpener;
  #closing: Promise<void> | undefined;
  #peerClosed = false;
  /** What was wrong with the peer's records. */
  #failure: Error | undefined;

  constructor({ connection, frames, peer, authenticated, sealer, opener }: SealedConnectionOptions) {
    this.local = connection.local;
    this.remote = connection.remote;
    this.peer = peer;
    this.authenticated = authenticated;
    this.#connection = connection;
    this.#frames = frames;
    this.#sealer = sealer;
    this.#opener = opener;
  }

  async send(frame: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (frame.length > MAX_FRAME_LENGTH) throw tooLarge(frame.length);
    // Once sealed it must go, or the sequence would have a gap: the signal ends the waiting, not the sending.
    await abortable(this.#sendRecord(frame), signal);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next() };
  }

  async close({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#closing ??= this.#startClosing();
    await abortable(this.#closing, signal);
  }

  abort(reason: Error): void {
    this.#connection.abort(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #sendRecord(frame: Uint8Array): Promise<void> {
    const record = this.#sealer.seal('frame', frame);
    await this.#connection.send(record);
    discard(record);
  }

  async #startClosing(): Promise<void> {
    // The connection's own limit for closing covers the mark, which goes before.
    await Promise.all([this.#connection.send(this.#sealer.seal('close', NOTHING)), this.#connection.close()]);
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#peerClosed) return { done: true, value: undefined };
    const result = await this.#frames.next();
    if (result.done === true) {
      throw this.#fail(new KernelError('ERR_CONNECTION_LOST', `${this.remote} ended without a sealed closing mark`));
    }
    const { kind, body } = this.#open(result.value);
    if (kind === 'frame') return { done: false, value: body };
    await this.#expectEnd();
    this.#peerClosed = true;
    return { done: true, value: undefined };
  }

  #open(record: Uint8Array): ReturnType<RecordOpener['open']> {
    try {
      const opened = this.#opener.open(record);
      // A cipher that only passes bytes on yields the very memory it was given.
      if (opened.body.buffer !== record.buffer) discard(record);
      if (opened.body.length > MAX_FRAME_LENGTH) throw tooLarge(opened.body.length);
      return opened;
    } catch (error) {
      throw this.#fail(toError(error));
    }
  }

  /** After the closing mark nothing comes. That the connection then broke instead of ending loses nothing. */
  async #expectEnd(): Promise<void> {
    let result: IteratorResult<Uint8Array>;
    try {
      result = await this.#frames.next();
    } catch (error) {
      if (errorCode(error) === 'ERR_CONNECTION_LOST') return;
      throw error;
    }
    if (result.done !== true) {
      throw this.#fail(new KernelError('ERR_CIPHER_REJECTED', `${this.remote} sent a record after its closing mark`));
    }
  }

  #fail(error: Error): Error {
    this.#failure = error;
    this.#connection.abort(error);
    return error;
  }
}

function tooLarge(length: number): KernelError {
  return new KernelError(
    'ERR_FRAME_TOO_LARGE',
    `a frame of ${length} bytes is over the limit of ${MAX_FRAME_LENGTH} of a session`,
  );
}
