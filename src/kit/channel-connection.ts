import {
  KernelError,
  errorCode,
  type AbortOptions,
  type Address,
  type Clock,
  type Connection,
  type Timer,
} from '../kernel/index.ts';
import { AsyncQueue } from './async-queue.ts';
import { abortable } from './deadline.ts';
import { deferred, type Deferred } from './deferred.ts';
import type { ChannelReceiver, FrameChannel, Mark } from './frame-channel.ts';
import { SendQueue } from './send-queue.ts';

export interface ChannelConnectionOptions {
  readonly clock: Clock;
  readonly local: Address;
  readonly remote: Address;
  readonly maxFrameLength: number;
  /** Bytes received and not yet read at which the channel is paused; what it had read by then comes on top. Default 256 KiB. */
  readonly receiveLimit?: number | undefined;
}

/** Time allowed for closing, as the contract of Connection says. */
const CLOSE_TIMEOUT_MS = 5_000;
const DEFAULT_RECEIVE_LIMIT = 256 * 1024;
/** What an unread frame costs beside its bytes, so that empty ones count. */
const FRAME_COST = 128;

/**
 * A connection over a channel that carries frames and two marks. Who closes sends the mark `closing` after its last frame, and has
 * closed when the other side answers `received`; after both sides did so the channel ends. Unread frames are bounded by pausing
 * the channel; the answer to our own closing mark comes behind what the peer sent before, and so not while nobody reads that.
 */
export class ChannelConnection implements Connection, ChannelReceiver {
  readonly local: Address;
  readonly remote: Address;
  readonly #clock: Clock;
  readonly #maxFrameLength: number;
  readonly #receiveLimit: number;
  readonly #channel: FrameChannel;
  readonly #sends: SendQueue;
  readonly #arrived = new AsyncQueue<Uint8Array>();
  #unreadCost = 0;
  #isPaused = false;
  /** What ended the connection, where not both sides' word. */
  #failure: Error | undefined;
  #closing: Deferred<undefined> | undefined;
  #isMarkSent = false;
  #isDelivered = false;
  #hasPeerClosed = false;
  /** Ends what the peer leaves open too long after our close. */
  #timer: Timer | undefined;

  /** @param open makes the channel, which tells `receiver` what comes, never before `open` has returned. */
  constructor(open: (receiver: ChannelReceiver) => FrameChannel, options: ChannelConnectionOptions) {
    this.local = options.local;
    this.remote = options.remote;
    this.#clock = options.clock;
    this.#maxFrameLength = options.maxFrameLength;
    this.#receiveLimit = options.receiveLimit ?? DEFAULT_RECEIVE_LIMIT;
    this.#channel = open(this);
    this.#sends = new SendQueue(this.#channel);
  }

  async send(frame: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (frame.length > this.#maxFrameLength) {
      const text = `a frame of ${frame.length} bytes; the limit is ${this.#maxFrameLength}`;
      throw new KernelError('ERR_FRAME_TOO_LARGE', text);
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) throw new KernelError('ERR_CLOSED', `the connection to ${this.remote} was closed`);
    await this.#sends.send(frame, signal);
  }

  async close({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#closing ??= this.#startClosing();
    await abortable(this.#closing.promise, signal);
  }

  abort(reason: Error): void {
    this.#arrived.fail(reason);
    this.#fail(reason);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#read(),
      return: async () => ({ done: true, value: undefined }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure === undefined) await this.close();
  }

  /** @internal */
  frame(frame: Uint8Array): void {
    if (this.#hasPeerClosed) {
      this.#refuse('a frame after its closing mark');
      return;
    }
    this.#unreadCost += frame.length + FRAME_COST;
    this.#arrived.push(frame);
    if (this.#isPaused || this.#unreadCost <= this.#receiveLimit) return;
    this.#isPaused = true;
    this.#channel.pause();
  }

  /** @internal */
  mark(mark: Mark): void {
    if (mark === 'closing' && !this.#hasPeerClosed) {
      this.#hasPeerClosed = true;
      this.#arrived.end();
      this.#channel.writeMark('received');
    } else if (mark === 'received' && this.#isMarkSent && !this.#isDelivered) {
      this.#isDelivered = true;
      this.#closing?.resolve(undefined);
    } else {
      this.#refuse(`the mark '${mark}' out of turn`);
      return;
    }
    if (this.#isOver) this.#channel.finish();
  }

  /** @internal */
  writable(): void {
    this.#sends.advance();
  }

  /** @internal */
  gone(error?: Error): void {
    if (this.#isOver) {
      this.#timer?.cancel();
      return;
    }
    const lost = `${this.remote} ended the connection without closing it${error === undefined ? '' : `: ${error.message}`}`;
    const isOurs = errorCode(error) !== undefined;
    this.#fail(error !== undefined && isOurs ? error : new KernelError('ERR_CONNECTION_LOST', lost, { cause: error }));
  }

  /** Whether both sides closed and know it of each other. */
  get #isOver(): boolean {
    return this.#isDelivered && this.#hasPeerClosed;
  }

  async #read(): Promise<IteratorResult<Uint8Array, undefined>> {
    const result = await this.#arrived.next();
    if (result.done === true) return { done: true, value: undefined };
    this.#unreadCost -= result.value.length + FRAME_COST;
    if (this.#isPaused && this.#unreadCost <= this.#receiveLimit / 2) {
      this.#isPaused = false;
      this.#channel.resume();
    }
    return result;
  }

  #startClosing(): Deferred<undefined> {
    const closing = deferred<undefined>();
    // Who closes without waiting must not end the process by a failure; who waits gets it.
    closing.promise.catch(() => undefined);
    if (this.#failure !== undefined) {
      closing.reject(this.#failure);
      return closing;
    }
    this.#timer = this.#clock.setTimer(CLOSE_TIMEOUT_MS, () => this.#closingTimedOut());
    this.#sends.finish(() => {
      this.#isMarkSent = true;
      this.#channel.writeMark('closing');
    });
    return closing;
  }

  #closingTimedOut(): void {
    if (this.#isOver) {
      // Only the channel itself is left to end.
      this.#channel.destroy();
      return;
    }
    this.#fail(
      this.#isDelivered
        ? new KernelError('ERR_CONNECTION_LOST', `${this.remote} did not close its side within ${CLOSE_TIMEOUT_MS} ms`)
        : new KernelError('ERR_CLOSE_TIMEOUT', `${this.remote} did not take everything within ${CLOSE_TIMEOUT_MS} ms`),
    );
  }

  #refuse(what: string): void {
    this.#fail(new KernelError('ERR_PACKET', `${this.remote} sent ${what}`));
  }

  /** Ends what has not ended in order yet; what arrived before can still be read. */
  #fail(error: Error): void {
    if (this.#failure !== undefined || this.#isOver) return;
    this.#failure = error;
    this.#timer?.cancel();
    this.#arrived.end(error);
    this.#sends.fail(error);
    this.#closing?.reject(error);
    this.#channel.destroy();
  }
}
