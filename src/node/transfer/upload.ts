import { KernelError, errorCode, type Clock, type ErrorCode, type Logger, type Timer } from '../../kernel/index.ts';
import { AsyncQueue } from '../../kit/async-queue.ts';
import { abortable } from '../../kit/deadline.ts';
import { discard } from '../../kit/world/discard.ts';
import type { TokenBucket } from '../../kit/token-bucket.ts';
import type { FileStore, ServedFile } from '../files/file-store.ts';
import { escapeForDisplay } from '../messages/display.ts';
import type {
  BinaryMessage,
  DataMessage,
  ManifestMessage,
  ManifestRequestMessage,
  RequestMessage,
  SmfxMessage,
} from '../messages/message.ts';
import { HaveSender } from './have-sender.ts';
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
  /** Bounds what is sent in a second. */
  readonly rate?: TokenBucket | undefined;
  /** Time without a request or a sent byte after which the upload ends. */
  readonly idleMs: number;
  /** Hears how many bytes have gone out so far. */
  readonly onSent?: ((bytes: number) => void) | undefined;
}

/** How an upload ended: the receiver has what it wants, or the code of what went wrong, here or there. */
export type UploadEnd = 'done' | ErrorCode;

/** Bytes a millisecond that the slowest receiver verifies: how long we wait for the DONE of one that has everything. */
const SLOWEST_VERIFYING = 10_000;

type Request = RequestMessage | ManifestRequestMessage;

/** What answers requests, being read. In an object, so that awaiting who asks does not await what is read. */
interface Reading {
  readonly answers: Promise<readonly (DataMessage | ManifestMessage)[]>;
}

/**
 * Bytes of requests, each of which goes on where the one before ends, that are read at once: to read, and to look whether the file is still what
 * was announced, costs as much for all of them as for one.
 */
const READ_AT_ONCE = 1024 * 1024;

/**
 * Serves one file to one peer: sends what is requested, in the order of the requests. It reads ahead once while it sends, so a slow receiver
 * costs the memory of two readings; several uploads on one connection take turns, one DATA each.
 */
export class Upload implements TransferHandler {
  /** Resolves when the upload has ended and its file is closed. Never rejects. */
  readonly ended: Promise<UploadEnd>;
  readonly #options: UploadOptions;
  readonly #requests = new AsyncQueue<Request>();
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
      case 'MANIFEST_REQUEST':
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
      case 'MANIFEST':
      case 'HAVE':
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
    let have: HaveSender | undefined;
    try {
      served = await files.open(opening.name, opening.checksum);
      const { pieces } = served;
      if (opening.parts) {
        const send = connection.answer.bind(connection);
        have = new HaveSender({ clock: this.#options.clock, transfer: opening.transfer, pieces, send });
        have.start();
      } else {
        requireWhole(served);
      }
      logger.info('transfer.upload_started', { ...about, size: served.record.size, tunnel: connection.isTunnel });
      await this.#sendRequested(served);
    } catch (error) {
      this.stop(errorCode(error) ?? 'ERR_DISK');
    } finally {
      have?.stop();
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
      const answers = await current.answers;
      let ahead: Reading | undefined;
      for (const answer of answers) {
        if (this.#requests.size > 0) ahead ??= await this.#nextReading(served);
        await this.#send(answer, served.record.size);
      }
      const [first] = answers;
      // All of one reading lie in the same memory.
      if (first?.type === 'DATA') discard(new Uint8Array(first.bytes.buffer));
      current = ahead ?? (await this.#nextReading(served));
    }
  }

  /** Takes the next request, with those that go on where it ends, and starts to read what they ask for. */
  async #nextReading(served: ServedFile): Promise<Reading> {
    this.#ending.signal.throwIfAborted();
    const { value: request } = (await this.#requests.next()) as IteratorYieldResult<Request>;
    const answers =
      request.type === 'REQUEST'
        ? this.#read([request, ...this.#following(request, served.record.size)], served)
        : this.#readManifest(request, served).then((answer) => [answer]);
    // Looked at when its turn comes, which may be never.
    answers.catch(() => undefined);
    return { answers };
  }

  #following({ length, position }: RequestMessage, size: number): RequestMessage[] {
    const following: RequestMessage[] = [];
    const most = Math.min(position + READ_AT_ONCE, size);
    for (let end = position + length; ;) {
      const next = this.#requests.takeIf(
        (each) => each.type === 'REQUEST' && each.position === end && end + each.length <= most,
      );
      if (next?.type !== 'REQUEST') return following;
      following.push(next);
      end += next.length;
    }
  }

  async #read(requests: readonly RequestMessage[], { file, record }: ServedFile): Promise<DataMessage[]> {
    const start = requests[0]?.position ?? 0;
    const length = requests.reduce((sum, request) => sum + request.length, 0);
    if (start + length > record.size) {
      throw this.#beyond(`${length} bytes at ${start} of ${record.name}, which has ${record.size}`);
    }
    const read = await file.read(start, length);
    if (read.length !== length) throw new KernelError('ERR_FILE_CHANGED', `${record.name} is shorter than it was`);
    return requests.map(({ length, position, transfer }) => {
      const bytes = read.subarray(position - start, position - start + length);
      return { type: 'DATA', transfer, position, bytes };
    });
  }

  async #readManifest(request: ManifestRequestMessage, served: ServedFile): Promise<ManifestMessage> {
    const { length, manifest, position, transfer } = request;
    const encoded = served.record.manifest === manifest ? served.manifest : undefined;
    if (encoded === undefined) return { type: 'MANIFEST', transfer, position: 0, total: 0, bytes: new Uint8Array() };
    const { length: total } = encoded;
    if (position >= total) throw this.#beyond(`byte ${position} of a manifest of ${total}`);
    return { type: 'MANIFEST', transfer, position, total, bytes: encoded.subarray(position, position + length) };
  }

  /** A peer that asks for what cannot be there is broken or means harm: it loses the connection. */
  #beyond(what: string): KernelError {
    const error = new KernelError('ERR_MESSAGE', `${this.#peer} asked for ${what}`);
    this.#options.connection.fail(error);
    return error;
  }

  async #send(answer: DataMessage | ManifestMessage, size: number): Promise<void> {
    const { rate } = this.#options;
    const { length } = answer.bytes;
    if (rate !== undefined && answer.type === 'DATA') await rate.take(length, { signal: this.#ending.signal });
    this.#sending = true;
    await abortable(this.#options.connection.send(answer), this.#ending.signal);
    this.#sending = false;
    if (answer.type === 'DATA') this.#sentBytes += length;
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

/** Whoever did not say that a part will do takes a holder for one of everything. @throws ERR_NO_SUCH_FILE */
export function requireWhole({ pieces, record }: Pick<ServedFile, 'pieces' | 'record'>): void {
  if (pieces.set.complete) return;
  throw new KernelError('ERR_NO_SUCH_FILE', `the folder holds only a part of ${JSON.stringify(record.name)}`);
}
