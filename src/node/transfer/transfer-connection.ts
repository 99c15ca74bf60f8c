import {
  KernelError,
  MAX_FRAME_LENGTH,
  errorCode,
  toError,
  type Clock,
  type Logger,
  type NodeId,
  type Session,
  type Timer,
} from '../../kernel/index.ts';
import { discard } from '../../kit/index.ts';
import { decodeFrame, encodeMessage } from '../messages/codec.ts';
import { MAX_RANGE_LENGTH } from '../messages/limits.ts';
import type { BinaryMessage, DataMessage, DecodedFrame, Message, OpeningMessage } from '../messages/message.ts';
import { failureFields } from './failure-fields.ts';
import { TUNNEL_FRAME_LENGTH } from './transfer-peers.ts';

/** One transfer's end on a connection. */
export interface TransferHandler {
  /** A message of the transfer. Nothing more is read from the connection until it is done: the flow control. */
  receive(message: BinaryMessage): void | Promise<void>;
  /** The connection ended; no message comes any more and none can be sent. */
  end(error: Error): void;
}

export interface TransferConnectionOptions {
  readonly session: Session;
  /** Whether the session runs inside a direct connection: small frames, and never closed for being idle. */
  readonly tunnel: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long it is kept without a transfer. */
  readonly idleMs: number;
  /** A peer asks for a file or offers one. */
  readonly onOpening: (connection: TransferConnection, message: OpeningMessage) => void;
  /** Called once, when no transfer can use it any more. */
  readonly onEnd: (connection: TransferConnection) => void;
}

/** Answers that wait to be sent: more means a peer that asks and does not read. */
const MAX_WAITING_ANSWERS = 1_024;

/** Numbers of ended transfers that are remembered, since messages of theirs may be under way. */
const MAX_RETIRED = 1_024;

/** Bytes of a DATA message that are not content: type, transfer number, position; with room to spare. */
const DATA_OVERHEAD = 64;

/** A session that carries any number of transfers, in both directions, told apart by their numbers. */
export class TransferConnection {
  readonly peer: NodeId;
  readonly isTunnel: boolean;
  /** Bytes of content that one DATA on this connection holds at most. */
  readonly maxRangeLength: number;
  readonly #options: TransferConnectionOptions;
  readonly #session: Session;
  readonly #handlers = new Map<string, TransferHandler>();
  readonly #retired = new Set<string>();
  #lastHeard: number;
  #waitingAnswers = 0;
  #idleTimer: Timer | undefined;
  #ended = false;
  #closing: Promise<void> | undefined;

  constructor(options: TransferConnectionOptions) {
    this.#options = options;
    this.#session = options.session;
    this.peer = options.session.peer;
    this.isTunnel = options.tunnel;
    const frameLength = options.tunnel ? TUNNEL_FRAME_LENGTH : MAX_FRAME_LENGTH;
    this.maxRangeLength = Math.min(MAX_RANGE_LENGTH, frameLength - DATA_OVERHEAD);
    this.#lastHeard = options.clock.now();
    this.#restartIdleTimer();
  }

  /** How long nothing has come from the peer, in milliseconds. */
  get silentMs(): number {
    return this.#options.clock.now() - this.#lastHeard;
  }

  /** Whether a new transfer may not start here any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Starts to read; once. `first` is a message that was read from the session already. */
  start(first?: OpeningMessage): void {
    // `#run` never rejects, and nobody has to wait for it: `onEnd` tells of the end.
    void this.#run(first);
  }

  has(transfer: string): boolean {
    return this.#handlers.has(transfer);
  }

  /** Hands the messages of a transfer to a handler, in place of the one it has, if any. @throws ERR_CONNECTION_LOST after the end. */
  register(transfer: string, handler: TransferHandler): void {
    if (this.#ended)
      throw new KernelError('ERR_CONNECTION_LOST', `the transfer connection with ${this.peer} has ended`);
    this.#retired.delete(transfer);
    this.#handlers.set(transfer, handler);
    this.#restartIdleTimer();
  }

  /** The transfer is over here, or never begins; what still comes of it is ignored. Idempotent. */
  retire(transfer: string): void {
    this.#handlers.delete(transfer);
    this.#retired.add(transfer);
    const [oldest] = this.#retired;
    if (this.#retired.size > MAX_RETIRED && oldest !== undefined) this.#retired.delete(oldest);
    this.#restartIdleTimer();
  }

  /** Tells the peer, unless the transfer is over, that nothing more is wanted of it, and why; it is over then. */
  refuse(transfer: string, error: Error): void {
    if (this.has(transfer)) this.answer({ type: 'REFUSE', transfer, code: errorCode(error) ?? 'ERR_ABORTED' });
    this.retire(transfer);
  }

  /** Sends; awaiting it is the flow control. */
  async send(message: Message): Promise<void> {
    const frame = encodeMessage(message);
    await this.#session.send(frame);
    discard(frame);
  }

  /** Sends a short answer behind what is being sent, without waiting. A peer that asks on and on without reading loses the connection. */
  answer(message: Message): void {
    if (this.#ended) return;
    if (this.#waitingAnswers >= MAX_WAITING_ANSWERS) {
      this.fail(new KernelError('ERR_LIMIT', `${this.peer} does not read the answers to what it asks`));
      return;
    }
    this.#waitingAnswers++;
    // A failed send shows as the end of the session, which `#run` sees; there is nothing more to do for an answer.
    void this.send(message)
      .catch(() => undefined)
      .finally(() => this.#waitingAnswers--);
  }

  /** Ends the connection, and with it every transfer on it, for what the peer did. Logged once. */
  fail(error: Error): void {
    if (this.#ended) return;
    this.#options.logger.warn('transfer.connection_failed', {
      peer: this.peer,
      tunnel: this.isTunnel,
      ...failureFields(error),
    });
    this.abort(error);
  }

  /** Ends the connection at once. Idempotent. */
  abort(reason: Error): void {
    this.#end(reason);
    this.#session.abort(reason);
  }

  /** Ends the connection after what was sent; transfers on it end now. Never rejects. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#closeSession();
    return this.#closing;
  }

  async #run(first: OpeningMessage | undefined): Promise<void> {
    try {
      if (first !== undefined) await this.#take(() => first);
      for await (const frame of this.#session) await this.#take(() => decodeFrame(frame));
      this.#end(new KernelError('ERR_CONNECTION_LOST', `${this.peer} closed the transfer connection`));
      await this.close();
    } catch (error) {
      // The session itself ended; why is the link's to tell.
      this.abort(toError(error));
    }
  }

  async #take(read: () => DecodedFrame): Promise<void> {
    this.#lastHeard = this.#options.clock.now();
    try {
      await this.#dispatch(read());
    } catch (error) {
      this.fail(toError(error));
    }
  }

  async #dispatch(message: DecodedFrame): Promise<void> {
    // What comes after our close is read only so that the peer can finish.
    if (this.#ended) return;
    switch (message.type) {
      case 'REQUEST':
      case 'DATA':
      case 'REFUSE':
      case 'DONE':
      case 'MANIFEST_REQUEST':
      case 'MANIFEST':
      case 'HAVE':
        await this.#deliver(message);
        return;
      case 'SMFX':
      case 'SDFX':
      case 'KEEP':
      case 'DROP':
        this.#options.onOpening(this, message);
        return;
      case 'UNKNOWN':
        this.#options.logger.debug('transfer.message_ignored', { peer: this.peer, type: message.name });
        return;
      default:
        throw new KernelError('ERR_MESSAGE', `${this.peer} sent ${message.type} on a transfer connection`);
    }
  }

  async #deliver(message: BinaryMessage): Promise<void> {
    const handler = this.#handlers.get(message.transfer);
    if (handler !== undefined) {
      await handler.receive(message);
      return;
    }
    if (this.#retired.has(message.transfer)) return;
    throw unexpected(this.peer, message);
  }

  async #closeSession(): Promise<void> {
    this.#end(new KernelError('ERR_CLOSED', `the transfer connection with ${this.peer} was closed`));
    try {
      await this.#session.close();
    } catch (error) {
      // The connection is over either way, and nothing on it was still wanted.
      this.#options.logger.debug('transfer.close_failed', { peer: this.peer, ...failureFields(error) });
    }
  }

  #end(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#idleTimer?.cancel();
    const { logger, onEnd } = this.#options;
    logger.debug('transfer.connection_ended', { peer: this.peer, tunnel: this.isTunnel, ...failureFields(error) });
    const handlers = [...this.#handlers.values()];
    this.#handlers.clear();
    for (const handler of handlers) handler.end(error);
    onEnd(this);
  }

  #restartIdleTimer(): void {
    this.#idleTimer?.cancel();
    this.#idleTimer = undefined;
    if (this.isTunnel || this.#ended || this.#handlers.size > 0) return;
    // `close` never rejects.
    this.#idleTimer = this.#options.clock.setTimer(this.#options.idleMs, () => void this.close());
  }
}

/** A message that nobody asked for: the peer is broken or means harm. */
export function unexpected(peer: NodeId, message: BinaryMessage): KernelError {
  const where = message.type === 'DATA' ? `, ${describeRange(message)}` : '';
  return new KernelError(
    'ERR_MESSAGE',
    `${peer} sent a ${message.type} nobody waits for (transfer ${message.transfer}${where})`,
  );
}

function describeRange({ position, bytes }: DataMessage): string {
  return `${bytes.length} bytes at ${position}`;
}
