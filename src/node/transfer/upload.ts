import { KernelError, errorCode, type Clock, type ErrorCode, type Logger, type Timer } from '../../kernel/index.ts';
import { AsyncQueue } from '../../kit/async-queue.ts';
import { abortable } from '../../kit/deadline.ts';
import type { FileStore, ServedFile } from '../files/file-store.ts';
import { escapeForDisplay } from '../messages/display.ts';
import type { BinaryMessage, RequestMessage, SmfxMessage } from '../messages/message.ts';
import { MAX_OPEN_REQUESTS } from './limits.ts';
import { refusalCode } from './refusal.ts';
import { unexpected, type TransferConnection, type TransferHandler } from './transfer-connection.ts';

export interface UploadOptions {
  readonly connection: TransferConnection;
  /** What the peer asked for. */
  readonly opening: SmfxMessage;
  readonly files: Pick<FileStore, 'open'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time without a request or a sent byte after which the upload ends. */
  readonly idleMs: number;
  /** Hears how many bytes have gone out so far. */
  readonly onSent?: ((bytes: number) => void) | undefined;
}

/** How an upload ended: the receiver has what it wants, or the code of what went wrong, here or there. */
export type UploadEnd = 'done' | ErrorCode;

/** Bytes a millisecond that the slowest receiver verifies: how long we wait for the DONE of one that has everything. */
const SLOWEST_VERIFYING = 10_000;

interface Reading {
  readonly request: RequestMessage;
  readonly bytes: Promise<Uint8Array>;
}

/**
 * Serves one file to one peer: sends what is requested, in the order of the requests. It reads one request ahead of the one being sent, so a
 * slow receiver costs the memory of two; several uploads on one connection take turns, one DATA each.
 */
export class Upload implements TransferHandler {
  /** Resolves when the upload has ended and its file is closed. Never rejects. */
  readonly ended: Promise<UploadEnd>;
  readonly #options: UploadOptions;
  readonly #requests = new AsyncQueue<RequestMessage>();
  readonly #ending = new AbortController();
  readonly #startedAt: number;
  #end: UploadEnd | undefined;
  #idleTimer: Timer | undefined;
  #sending = false;
  #lastActive: number;
  #sentBytes = 0;

  /** Starts to serve: registers with the connection in place of what handles the transfer there. @throws ERR_CONNECTION_LOST */
  constructor(options: UploadOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#lastActive = this.#startedAt;
    options.connection.register(options.opening.transfer, this);
    this.#restartIdleTimer(options.idleMs);
    this.ended = this.#serve();
  }

  receive(message: BinaryMessage): void {
    switch (message.type) {
      case 'REQUEST':
        if (this.#requests.size >= MAX_OPEN_REQUESTS) {
          throw new KernelError('ERR_LIMIT', `${this.#peer} opened over ${MAX_OPEN_REQUESTS} requests of one transfer`);
        }
        this.#requests.push(message);
        this.#restartIdleTimer(this.#options.idleMs);
        return;
      case 'DONE':
        this.#finish('done');
        return;
      case 'REFUSE':
        this.#finish(refusalCode(message));
        return;
      case 'DATA':
        throw unexpected(this.#peer, message);
    }
  }

  end(error: Error): void {
    this.#finish(errorCode(error) ?? 'ERR_CONNECTION_LOST');
  }

  /** Ends the upload from our side; the peer is told the code. Idempotent. */
  stop(code: ErrorCode): void {
    if (this.#end !== undefined) return;
    const { connection, opening } = this.#options;
    connection.answer({ type: 'REFUSE', transfer: opening.transfer, code });
    this.#finish(code);
  }

  /** When something was last asked for or sent, in the clock's ms. */
  get lastActive(): number {
    return this.#lastActive;
  }

  get peer() {
    return this.#peer;
  }

  get #peer() {
    return this.#options.connection.peer;
  }

  #finish(end: UploadEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#idleTimer?.cancel();
    const reason = new KernelError(end === 'done' ? 'ERR_CLOSED' : end, 'the upload has ended');
    this.#ending.abort(reason);
    this.#requests.fail(reason);
    this.#options.connection.retire(this.#options.opening.transfer);
  }

  async #serve(): Promise<UploadEnd> {
    const { connection, files, logger, opening } = this.#options;
    const about = { transfer: opening.transfer, peer: connection.peer, name: escapeForDisplay(opening.name) };
    let served: ServedFile | undefined;
    try {
      served = await files.open(opening.name, opening.checksum);
      logger.info('transfer.upload_started', { ...about, size: served.record.size, tunnel: connection.isTunnel });
      await this.#sendRequested(served);
    } catch (error) {
      this.stop(errorCode(error) ?? 'ERR_DISK');
    } finally {
      // A file that was only read has nothing to lose in closing.
      await served?.file.close().catch(() => undefined);
    }
    const end = this.#end ?? 'ERR_CLOSED';
    const seconds = (this.#options.clock.now() - this.#startedAt) / 1_000;
    logger.info('transfer.upload_ended', { ...about, result: end, bytes: this.#sentBytes, seconds });
    return end;
  }

  /** Sends until the upload ends; throws then. */
  async #sendRequested(served: ServedFile): Promise<never> {
    let current = await this.#nextReading(served);
    for (;;) {
      const { request } = current;
      const bytes = await current.bytes;
      if (bytes.length !== request.length) {
        throw new KernelError('ERR_FILE_CHANGED', `${served.record.name} is shorter than it was`);
      }
      const ahead = this.#requests.size > 0 ? await this.#nextReading(served) : undefined;
      await this.#send(request, bytes, served.record.size);
      current = ahead ?? (await this.#nextReading(served));
    }
  }

  /** Takes the next request and starts to read what it asks for. */
  async #nextReading({ record, file }: ServedFile): Promise<Reading> {
    this.#ending.signal.throwIfAborted();
    const { value: request } = (await this.#requests.next()) as IteratorYieldResult<RequestMessage>;
    const { position, length } = request;
    if (position + length > record.size) {
      const range = `${length} bytes at ${position} of ${record.name}, which has ${record.size}`;
      throw new KernelError('ERR_MESSAGE', `${this.#peer} asked for ${range}`);
    }
    const bytes = file.read(position, length);
    // Looked at when its turn comes, which may be never.
    bytes.catch(() => undefined);
    return { request, bytes };
  }

  async #send({ transfer, position }: RequestMessage, bytes: Uint8Array, size: number): Promise<void> {
    this.#sending = true;
    await abortable(this.#options.connection.send({ type: 'DATA', transfer, position, bytes }), this.#ending.signal);
    this.#sending = false;
    this.#sentBytes += bytes.length;
    this.#options.onSent?.(this.#sentBytes);
    const verifyingMs = this.#sentBytes >= size ? size / SLOWEST_VERIFYING : 0;
    this.#restartIdleTimer(this.#options.idleMs + verifyingMs);
  }

  #restartIdleTimer(delayMs: number): void {
    this.#lastActive = this.#options.clock.now();
    const { clock, connection, idleMs } = this.#options;
    this.#idleTimer?.cancel();
    this.#idleTimer = clock.setTimer(delayMs, () => {
      const error = new KernelError('ERR_TRANSFER_STALLED', `${this.#peer} took or asked for nothing for ${idleMs} ms`);
      // A peer that does not read cannot be told anything.
      if (this.#sending) connection.fail(error);
      else this.stop('ERR_TRANSFER_STALLED');
    });
  }
}
