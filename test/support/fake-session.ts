import type { NodeId, Session } from '../../src/kernel/index.ts';
import { AsyncQueue, deferred } from '../../src/kit/index.ts';
import { decodeFrame, encodeMessage } from '../../src/node/messages/codec.ts';
import type { Message } from '../../src/node/messages/message.ts';

/** The end of a session that a test holds the other end of. */
export class FakeSession implements Session {
  readonly authenticated = true;
  readonly local = '10.0.0.1:1';
  readonly remote = '10.0.0.2:2';
  readonly peer: NodeId;
  /** Every frame that was sent. */
  readonly sent: Uint8Array[] = [];
  closed = false;
  abortedWith: Error | undefined;
  readonly #incoming = new AsyncQueue<Uint8Array>();
  readonly #pending = new Set<(error: Error) => void>();
  #takes = true;

  constructor(peer: NodeId) {
    this.peer = peer;
  }

  /** The types of what was sent. */
  get types(): string[] {
    return this.sent.map((frame) => decodeFrame(frame).type);
  }

  /** From now on the peer takes nothing: no `send` and no `close` settles. */
  stall(): void {
    this.#takes = false;
  }

  /** The peer says something. */
  say(...messages: readonly Message[]): void {
    for (const message of messages) this.sayBytes(encodeMessage(message));
  }

  sayBytes(frame: Uint8Array): void {
    this.#incoming.push(frame);
  }

  /** The peer closes in good order, or the connection breaks. */
  hangUp(error?: Error): void {
    if (error === undefined) this.#incoming.end();
    else this.#incoming.fail(error);
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.abortedWith !== undefined) throw this.abortedWith;
    this.sent.push(frame);
    await this.#unlessStalled();
  }

  async close(): Promise<void> {
    if (this.abortedWith !== undefined) throw this.abortedWith;
    await this.#unlessStalled();
    this.closed = true;
  }

  abort(reason: Error): void {
    if (this.abortedWith !== undefined) return;
    this.abortedWith = reason;
    this.#incoming.fail(reason);
    for (const reject of this.#pending) reject(reason);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#incoming[Symbol.asyncIterator]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #unlessStalled(): Promise<void> {
    if (this.#takes) return;
    const never = deferred<undefined>();
    this.#pending.add(never.reject);
    await never.promise;
  }
}
