import { KernelError, errorCode, toError, type Clock, type ErrorCode, type Timer } from '../../kernel/index.ts';
import type { SendResult } from '../api.ts';
import type { BinaryMessage, OpeningMessage, SmfxMessage } from '../messages/message.ts';
import { refusalCode } from './refusal.ts';
import { unexpected, type TransferConnection, type TransferHandler } from './transfer-connection.ts';
import type { Upload } from './upload.ts';

export interface OfferOptions {
  /** Where it is said. */
  readonly connection: TransferConnection;
  readonly opening: Exclude<OpeningMessage, SmfxMessage>;
  readonly clock: Clock;
  /** Time allowed for the answer. */
  readonly answerMs: number;
  /** Serves the peer that wants the file. */
  readonly serve: (connection: TransferConnection, message: SmfxMessage) => Upload;
}

/**
 * An SDFX, or a KEEP or DROP, and what comes of it. The peer answers SMFX where it wants the content, on this connection or on another of its own, and
 * DONE when it has put it in place; DONE without SMFX says that it had it; REFUSE says why not.
 */
export class Offer implements TransferHandler {
  /** Never rejects. */
  readonly result: Promise<SendResult['result']>;
  readonly #options: OfferOptions;
  readonly #transfer: string;
  #resolve: (result: SendResult['result']) => void = () => undefined;
  #timer: Timer | undefined;
  #settled = false;
  #upload: Upload | undefined;

  constructor(options: OfferOptions) {
    this.#options = options;
    this.#transfer = options.opening.transfer;
    this.result = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Says it. @throws ERR_CONNECTION_LOST where the connection has ended. */
  begin(): void {
    const { clock, answerMs, connection, opening } = this.#options;
    connection.register(this.#transfer, this);
    this.#timer = clock.setTimer(answerMs, () => this.stop('ERR_TRANSFER_STALLED'));
    // Whatever hinders the sending is the offer's outcome.
    void connection.send(opening).catch((error: unknown) => this.end(toError(error)));
  }

  /** The peer wants it: an SMFX with our number, on whichever connection the peer chose. Once. */
  accept(connection: TransferConnection, message: SmfxMessage): void {
    const { record } = this.#options.opening;
    if (message.name !== record.name || message.checksum !== record.checksum) {
      connection.fail(new KernelError('ERR_MESSAGE', `${connection.peer} answered an offer with what was not offered`));
      return;
    }
    this.#timer?.cancel();
    if (connection !== this.#options.connection) this.#options.connection.retire(this.#transfer);
    this.#upload = this.#options.serve(connection, message);
    // `ended` never rejects.
    void this.#upload.ended.then((end) => this.#settle(end === 'done' ? 'received' : end));
  }

  receive(message: BinaryMessage): void {
    switch (message.type) {
      case 'DONE':
        this.#settle('present');
        return;
      case 'REFUSE':
        this.#settle(refusalCode(message));
        return;
      default:
        throw unexpected(this.#options.connection.peer, message);
    }
  }

  end(error: Error): void {
    this.#settle(errorCode(error) ?? 'ERR_CONNECTION_LOST');
  }

  /** Takes the offer back. Idempotent. */
  stop(code: ErrorCode): void {
    if (this.#settled) return;
    if (this.#upload !== undefined) {
      this.#upload.stop(code);
      return;
    }
    this.#options.connection.answer({ type: 'REFUSE', transfer: this.#transfer, code });
    this.#settle(code);
  }

  #settle(result: SendResult['result']): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#timer?.cancel();
    this.#options.connection.retire(this.#transfer);
    this.#resolve(result);
  }
}
