import { KernelError } from '../../../kernel/index.ts';
import { NOT_OURS, foreignAnswer } from '../../../kit/foreign-answer.ts';
import { recogniseProtocol } from '../../../kit/recognise-protocol.ts';
import type { Transmit } from './connection-options.ts';
import { INITIAL_INTERVAL_MS } from './constants.ts';
import { CLOSE_CODES, type Frame, type Hello } from './frames.ts';
import { packetOf } from './handshake-packets.ts';
import { NO_CONNECTION, type ConnectionId, type Packet } from './packet.ts';
import { formatUdpAddress, type UdpAddress } from './udp-address.ts';

/** Retries one dial obeys: a listener asks once, so that more are mistaken or hostile. */
const MAX_RETRIES = 3;

/** Bytes of a foreign answer that are kept, to tell what it is. */
const KEPT_BYTES = 128;

/** What became of a dial: the peer took it, or it failed. */
export type DialOutcome =
  | { readonly hello: Hello; readonly nextNumber: number; readonly rttMs: number | undefined }
  | { readonly error: KernelError };

/** Our side of a handshake: repeats the Initial with back-off until it is answered or the time is up. */
export class DialAttempt {
  readonly localId: ConnectionId;
  readonly localToken: Uint8Array;
  readonly remote: UdpAddress;
  readonly #hello: Omit<Hello, 'retryToken'>;
  readonly #endsAt: number;
  readonly #timeoutMs: number;
  readonly #sentAt: number[] = [];
  #retryToken: Uint8Array = new Uint8Array();
  #retries = 0;
  #sendAt: number;
  #waitMs = INITIAL_INTERVAL_MS;
  #foreign: Uint8Array | undefined;

  constructor(options: {
    readonly hello: Omit<Hello, 'retryToken' | 'answers'>;
    readonly remote: UdpAddress;
    readonly timeoutMs: number;
    readonly now: number;
  }) {
    this.#hello = { ...options.hello, answers: 0 };
    this.localId = options.hello.sender;
    this.localToken = options.hello.resetToken;
    this.remote = options.remote;
    this.#timeoutMs = options.timeoutMs;
    this.#endsAt = options.now + options.timeoutMs;
    this.#sendAt = options.now;
  }

  /** When `pollTransmit` or `expire` has something to do. */
  get deadline(): number {
    return Math.min(this.#sendAt, this.#endsAt);
  }

  pollTransmit(now: number): Transmit | undefined {
    if (now < this.#sendAt || now >= this.#endsAt) return undefined;
    this.#sendAt = now + this.#waitMs;
    this.#waitMs *= 2;
    const number = this.#sentAt.push(now) - 1;
    const frame: Frame = { type: 'hello', ...this.#hello, retryToken: this.#retryToken };
    return {
      datagram: packetOf({ type: 'initial', receiver: NO_CONNECTION, number }, frame),
      destination: this.remote,
    };
  }

  /** Takes a packet that names us as the receiver. Whoever knows our id has seen our Initial. */
  receive(packet: Packet, frames: readonly Frame[], now: number): DialOutcome | undefined {
    const [frame] = frames;
    if (packet.type === 'retry' && frame?.type === 'retry') {
      this.#takeRetry(frame.token, now);
      return undefined;
    }
    if (packet.type !== 'handshake') return undefined;
    if (frame?.type === 'close') return { error: this.#refused(frame.code) };
    if (frame?.type !== 'hello') return undefined;
    const sentAt = this.#sentAt[frame.answers];
    if (sentAt === undefined) return undefined;
    const hello = { ...frame, resetToken: new Uint8Array(frame.resetToken) };
    return { hello, nextNumber: this.#sentAt.length, rttMs: now - sentAt };
  }

  /** Keeps what came from the dialled address and is no packet of ours, to tell silence from another protocol. */
  noteForeign(datagram: Uint8Array): void {
    this.#foreign ??= new Uint8Array(datagram.subarray(0, KEPT_BYTES));
  }

  /** The failure of a dial whose time is up. */
  expire(now: number): DialOutcome | undefined {
    if (now < this.#endsAt) return undefined;
    const address = formatUdpAddress(this.remote);
    if (this.#foreign !== undefined) {
      const { code, message } = foreignAnswer(`the answer looks like ${recogniseProtocol(this.#foreign)}`);
      return { error: new KernelError(code, `${address}: ${message}`) };
    }
    const text = `${address}: ${NOT_OURS}; no answer within ${this.#timeoutMs} ms`;
    return { error: new KernelError('ERR_DIAL_FAILED', text) };
  }

  #takeRetry(token: Uint8Array, now: number): void {
    if (this.#retries >= MAX_RETRIES) return;
    this.#retries += 1;
    this.#retryToken = new Uint8Array(token);
    this.#sendAt = now;
  }

  #refused(code: number): KernelError {
    const why = code === CLOSE_CODES.limit ? 'it has as many connections as it allows' : 'it accepts no connections';
    return new KernelError('ERR_DIAL_FAILED', `${formatUdpAddress(this.remote)} refused the connection: ${why}`);
  }
}
