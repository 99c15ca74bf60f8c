import { KernelError, type AbortOptions, type Address, type Clock, type Connection } from '../../../kernel/index.ts';
import { AsyncQueue, abortable } from '../../../kit/index.ts';
import { CLOSE_TIMEOUT_MS, MAX_LENGTH } from './limits.ts';
import { SendWindow } from './send-window.ts';
import type { Wire } from './wire.ts';

/** One end of a connection. All it tells the other end, credit and acknowledgements too, goes over a wire that can be cut. */
export class MemoryConnection implements Connection {
  readonly local: Address;
  readonly remote: Address;
  readonly #out: Wire;
  readonly #clock: Clock;
  readonly #window = new SendWindow((frame) => this.#tell((peer) => peer.#arrived.push(frame)));
  readonly #arrived = new AsyncQueue<Uint8Array>();
  #peer!: MemoryConnection;
  /** What ended our sending before its time. */
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;
  /** Settles `#closing`; does nothing before it is made and after it settled. */
  #settleClosing: (error?: Error) => void = () => undefined;
  #cancelTimer: () => void = () => undefined;
  /** Whether our closing mark is known to have arrived. */
  #delivered = false;
  /** Whether the peer's closing mark arrived. */
  #peerClosed = false;

  /** The two ends: of who dialled, whose frames go `there`, and of who took the call. */
  static pair(there: Wire, back: Wire, clock: Clock): { caller: MemoryConnection; taker: MemoryConnection } {
    const caller = new MemoryConnection(there, clock);
    const taker = new MemoryConnection(back, clock);
    caller.#peer = taker;
    taker.#peer = caller;
    return { caller, taker };
  }

  private constructor(out: Wire, clock: Clock) {
    this.local = out.from;
    this.remote = out.to;
    this.#out = out;
    this.#clock = clock;
  }

  async send(frame: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (frame.length > MAX_LENGTH) {
      throw new KernelError(
        'ERR_FRAME_TOO_LARGE',
        `a frame of ${frame.length} bytes is over the limit of ${MAX_LENGTH}`,
      );
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) throw new KernelError('ERR_CLOSED', `the connection to ${this.remote} was closed`);
    await this.#window.send(frame, signal);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        const result = await this.#arrived.next();
        if (result.done !== true) {
          const { length } = result.value;
          this.#tell((peer) => peer.#window.credit(length));
        }
        return result;
      },
    };
  }

  async close({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#closing ??= this.#startClosing();
    await abortable(this.#closing, signal);
  }

  abort(reason: Error): void {
    this.#arrived.fail(reason);
    if (this.#failure !== undefined || (this.#delivered && this.#peerClosed)) return;
    this.#failSending(reason);
    this.#tell((peer) => peer.#lose());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #startClosing(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const closing = new Promise<void>((resolve, reject) => {
      this.#settleClosing = (error) => (error === undefined ? resolve() : reject(error));
    });
    // Who gave up waiting by a signal has its answer already.
    closing.catch(() => undefined);
    const timer = this.#clock.setTimer(CLOSE_TIMEOUT_MS, () => this.#closingTimedOut());
    this.#cancelTimer = () => timer.cancel();
    this.#window.finish(() => this.#tell((peer) => peer.#peerHasClosed()));
    return closing;
  }

  #peerHasClosed(): void {
    this.#peerClosed = true;
    this.#arrived.end();
    this.#tell((peer) => peer.#closeWasDelivered());
    this.#endIfBothClosed();
  }

  #closeWasDelivered(): void {
    this.#delivered = true;
    this.#settleClosing();
    this.#endIfBothClosed();
  }

  #endIfBothClosed(): void {
    if (this.#delivered && this.#peerClosed) this.#cancelTimer();
  }

  #closingTimedOut(): void {
    const { remote } = this;
    this.abort(
      this.#delivered
        ? new KernelError('ERR_CONNECTION_LOST', `${remote} did not close its side within ${CLOSE_TIMEOUT_MS} ms`)
        : new KernelError('ERR_CLOSE_TIMEOUT', `${remote} did not take everything within ${CLOSE_TIMEOUT_MS} ms`),
    );
  }

  /** The peer ended the connection. What it had sent and closed before can still be read. */
  #lose(): void {
    const error = new KernelError('ERR_CONNECTION_LOST', `${this.remote} ended the connection without closing it`);
    if (!this.#peerClosed) this.#arrived.fail(error);
    this.#failSending(error);
  }

  #failSending(error: Error): void {
    this.#failure ??= error;
    this.#cancelTimer();
    this.#window.fail(this.#failure);
    this.#settleClosing(this.#failure);
  }

  #tell(news: (peer: MemoryConnection) => void): void {
    this.#out.send(() => news(this.#peer));
  }
}
