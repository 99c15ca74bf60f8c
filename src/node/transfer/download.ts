import { KernelError, toError, type AbortOptions, type Clock, type NodeId, type Timer } from '../../kernel/index.ts';
import { ChangeSignal } from '../../kit/change-signal.ts';
import { abortable } from '../../kit/deadline.ts';
import type { TokenBucket } from '../../kit/token-bucket.ts';
import type { BinaryMessage, DataMessage, SmfxMessage } from '../messages/message.ts';
import { MAX_OPEN_REQUESTS, TUNNEL_WINDOW } from './limits.ts';
import type { ReceivedContent } from './received-content.ts';
import { refusal } from './refusal.ts';
import { unexpected, type TransferConnection, type TransferHandler } from './transfer-connection.ts';

export interface DownloadOptions {
  readonly connection: TransferConnection;
  /** Opens the transfer: what is wanted, and its number. */
  readonly opening: SmfxMessage;
  readonly content: ReceivedContent;
  readonly clock: Clock;
  /** Bounds what is asked for in a second. */
  readonly rate: TokenBucket | undefined;
  /** Bytes asked for and not yet received, at most. */
  readonly window: number;
  /** Time without a byte after which the source has failed. */
  readonly stallMs: number;
  readonly onProgress: (source: NodeId) => void;
}

/**
 * Fetches what is missing of one content from one source. The window of open requests is the flow control; every DATA must answer one
 * of them exactly.
 */
export class Download implements TransferHandler {
  readonly #options: DownloadOptions;
  readonly #connection: TransferConnection;
  readonly #transfer: string;
  /** Length by position of what the source was asked for and has not sent. */
  readonly #open = new Map<number, number>();
  readonly #ending = new AbortController();
  readonly #changes = new ChangeSignal();
  readonly #window: number;
  #openBytes = 0;
  #receivedAny = false;
  #lastByte: number;
  #stallTimer: Timer | undefined;

  constructor(options: DownloadOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#transfer = options.opening.transfer;
    this.#window = options.connection.isTunnel ? Math.min(options.window, TUNNEL_WINDOW) : options.window;
    this.#lastByte = options.clock.now();
  }

  /** Whether the source sent anything of use. */
  get receivedAny(): boolean {
    return this.#receivedAny;
  }

  /**
   * Resolves when the content is complete; the source then waits for `done` or `refuse`. Rejects with what the source or the way to it failed
   * with, the content's own failure, or the signal's reason; the source has been told by then.
   */
  async run({ signal }: AbortOptions = {}): Promise<void> {
    const abort = () => this.#fail(toError(signal?.reason));
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    this.#watch(this.#options.stallMs);
    try {
      this.#connection.register(this.#transfer, this);
      await this.#fetch();
    } catch (error) {
      this.refuse(toError(error));
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#stallTimer?.cancel();
      for (const [start, length] of this.#open) this.#options.content.giveBack({ start, end: start + length });
      this.#open.clear();
    }
  }

  /** Tells the source that the content is verified and in place. */
  done(): void {
    this.#connection.answer({ type: 'DONE', transfer: this.#transfer });
    this.#connection.retire(this.#transfer);
  }

  /** Tells the source that nothing more is wanted of it, and why. */
  refuse(error: Error): void {
    this.#connection.refuse(this.#transfer, error);
  }

  async receive(message: BinaryMessage): Promise<void> {
    switch (message.type) {
      case 'DATA':
        await this.#receiveData(message);
        return;
      case 'REFUSE':
        // The source has forgotten the transfer: there is nobody to tell of the end.
        this.#connection.retire(this.#transfer);
        this.#fail(refusal(this.#connection.peer, message));
        return;
      default:
        throw unexpected(this.#connection.peer, message);
    }
  }

  end(error: Error): void {
    this.#fail(error);
  }

  async #receiveData(message: DataMessage): Promise<void> {
    // The source is given up and does not know it yet.
    if (this.#ending.signal.aborted) return;
    const { content, clock, onProgress } = this.#options;
    const { position, bytes } = message;
    if (this.#open.get(position) !== bytes.length) throw unexpected(this.#connection.peer, message);
    this.#open.delete(position);
    this.#openBytes -= bytes.length;
    this.#receivedAny = true;
    this.#lastByte = clock.now();
    this.#notify();
    // Settles in any case; `failure` is looked at by whoever is woken.
    void content.write(this.#connection.peer, position, bytes).then(() => {
      if (content.failure === undefined) onProgress(this.#connection.peer);
      this.#notify();
    });
    await content.writable();
  }

  async #fetch(): Promise<void> {
    const { content, opening } = this.#options;
    const { signal } = this.#ending;
    signal.throwIfAborted();
    await abortable(this.#connection.send(opening), signal);
    while (!content.complete) {
      signal.throwIfAborted();
      if (content.failure !== undefined) throw content.failure;
      if (this.#hasRoom()) await this.#ask();
      await this.#changes.next(signal);
    }
  }

  /** A choice is made for a good part of the window at once: choosing costs, and a request that waits a moment costs nothing. */
  #hasRoom(): boolean {
    return this.#openBytes <= (this.#window * 3) / 4 && this.#open.size <= (MAX_OPEN_REQUESTS * 3) / 4;
  }

  async #ask(): Promise<void> {
    const { content, rate } = this.#options;
    const ranges = content.choose({
      bytes: this.#window - this.#openBytes,
      requests: MAX_OPEN_REQUESTS - this.#open.size,
      maxLength: Math.min(this.#connection.maxRangeLength, this.#window),
    });
    for (const { start, end } of ranges) this.#open.set(start, end - start);
    this.#openBytes += ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    for (const { start, end } of ranges) {
      if (rate !== undefined) await this.#mayAsk(rate, end - start);
      const request = { type: 'REQUEST', transfer: this.#transfer, position: start, length: end - start } as const;
      await abortable(this.#connection.send(request), this.#ending.signal);
    }
  }

  /** Waits for our own bound; the source owes nothing meanwhile. */
  async #mayAsk(rate: TokenBucket, bytes: number): Promise<void> {
    const { clock } = this.#options;
    await rate.take(bytes, { signal: this.#ending.signal });
    this.#lastByte = clock.now();
  }

  #notify(): void {
    this.#changes.notify();
  }

  #fail(error: Error): void {
    this.#ending.abort(error);
  }

  /** Fails the source when it was silent for the time allowed. While the disk is behind, the source is not the one we wait for. */
  #watch(delayMs: number): void {
    const { clock, content, stallMs } = this.#options;
    this.#stallTimer = clock.setTimer(delayMs, () => {
      const leftMs = content.writing ? stallMs : this.#lastByte + stallMs - clock.now();
      if (leftMs > 0) this.#watch(leftMs);
      else this.#stall();
    });
  }

  #stall(): void {
    const { stallMs } = this.#options;
    const error = new KernelError('ERR_TRANSFER_STALLED', `${this.#connection.peer} sent nothing for ${stallMs} ms`);
    // Where nothing else came either, the connection is dead rather than the source slow with one file.
    if (!this.#connection.isTunnel && this.#connection.silentMs >= stallMs) this.#connection.fail(error);
    this.#fail(error);
  }
}
