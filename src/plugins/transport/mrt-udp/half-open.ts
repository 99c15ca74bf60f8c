import type { Random } from '../../../kernel/index.ts';
import type { Transmit } from './connection-options.ts';
import { BASE_DATAGRAM, HANDSHAKE_TIMEOUT_MS, LARGEST_DATAGRAM } from './constants.ts';
import { CLOSE_CODES, RESET_TOKEN_LENGTH, type Hello } from './frames.ts';
import { packetOf } from './handshake-packets.ts';
import type { ConnectionId } from './packet.ts';
import { firstWindow } from './receive-window.ts';
import { RetryTokens } from './retry-tokens.ts';
import { formatUdpAddress, type UdpAddress } from './udp-address.ts';

/** A handshake we answered and whose other side has not proved yet that it received the answer. */
export interface HalfOpen {
  readonly localId: ConnectionId;
  readonly localToken: Uint8Array;
  readonly source: UdpAddress;
  readonly hello: Hello;
  /** Names the Initial: repeated ones find the same entry. */
  readonly key: string;
  readonly expiresAt: number;
  /** When each answer was sent; its index is the packet number. */
  readonly answeredAt: number[];
}

/** An Initial that arrived. */
export interface InitialPacket {
  readonly hello: Hello;
  readonly number: number;
  readonly size: number;
  readonly source: UdpAddress;
}

export interface HalfOpenOptions {
  readonly random: Random;
  /** Handshakes remembered before sources must prove themselves by a token. */
  readonly limit: number;
  readonly receiveWindow: number;
}

/** Most answers to one Initial however often it comes, so that what a replayed one costs has an end. */
const MAX_ANSWERS = 16;

/** The accepting side of handshakes: bounded memory, and no answer larger than what asked. */
export class HalfOpenTable {
  readonly #options: HalfOpenOptions;
  readonly #tokens: RetryTokens;
  readonly #byId = new Map<ConnectionId, HalfOpen>();
  readonly #byKey = new Map<string, HalfOpen>();

  constructor(options: HalfOpenOptions) {
    this.#options = options;
    this.#tokens = new RetryTokens(options.random);
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Names an Initial's connection: its source and the id its sender chose. */
  static keyOf({ hello, source }: InitialPacket): string {
    return `${hello.sender} ${formatUdpAddress(source)}`;
  }

  /** Answers an Initial: with a Handshake, the same one again where it was answered before, or a Retry. */
  answer(initial: InitialPacket, newId: () => ConnectionId, now: number): Transmit | undefined {
    const { hello, source } = initial;
    if (initial.size < BASE_DATAGRAM) return undefined;
    const known = this.#byKey.get(HalfOpenTable.keyOf(initial));
    if (known !== undefined) return this.#handshake(known, initial, now);
    const isProven = this.#tokens.isValid(hello.retryToken, source, hello.sender, now);
    if (this.#byId.size >= this.#options.limit && !isProven) {
      const token = this.#tokens.issue(source, hello.sender, now);
      const header = { type: 'retry', receiver: hello.sender, number: initial.number } as const;
      return { datagram: packetOf(header, { type: 'retry', token }), destination: source };
    }
    const entry: HalfOpen = {
      localId: newId(),
      localToken: this.#options.random.bytes(RESET_TOKEN_LENGTH),
      source,
      hello: { ...hello, resetToken: new Uint8Array(hello.resetToken), retryToken: new Uint8Array() },
      key: HalfOpenTable.keyOf(initial),
      expiresAt: now + HANDSHAKE_TIMEOUT_MS,
      answeredAt: [],
    };
    this.#byId.set(entry.localId, entry);
    this.#byKey.set(entry.key, entry);
    return this.#handshake(entry, initial, now);
  }

  /** Tells the sender of an Initial that it is not wanted. */
  refuse({ hello, number, size, source }: InitialPacket, code: keyof typeof CLOSE_CODES): Transmit | undefined {
    if (size < BASE_DATAGRAM) return undefined;
    const header = { type: 'handshake', receiver: hello.sender, number } as const;
    return { datagram: packetOf(header, { type: 'close', code: CLOSE_CODES[code] }), destination: source };
  }

  has(id: ConnectionId): boolean {
    return this.#byId.has(id);
  }

  /** Takes out the entry that a data packet proves: it came from the same source and knows the id we answered with. */
  take(id: ConnectionId): HalfOpen | undefined {
    const entry = this.#byId.get(id);
    if (entry !== undefined) this.#forget(entry);
    return entry;
  }

  /** Takes out all entries. */
  takeAll(): HalfOpen[] {
    const entries = [...this.#byId.values()];
    this.#byId.clear();
    this.#byKey.clear();
    return entries;
  }

  /** When the oldest entry expires, or Infinity. */
  get deadline(): number {
    for (const { expiresAt } of this.#byId.values()) return expiresAt;
    return Infinity;
  }

  /** Forgets what has expired. */
  handleTimeout(now: number): void {
    for (const entry of this.#byId.values()) {
      if (entry.expiresAt > now) return;
      this.#forget(entry);
    }
  }

  #handshake(entry: HalfOpen, { number, source }: InitialPacket, now: number): Transmit | undefined {
    if (entry.answeredAt.length >= MAX_ANSWERS) return undefined;
    const answer = entry.answeredAt.push(now) - 1;
    const hello: Hello = {
      sender: entry.localId,
      resetToken: entry.localToken,
      window: firstWindow(this.#options.receiveWindow),
      maxDatagram: LARGEST_DATAGRAM,
      answers: number,
      retryToken: new Uint8Array(),
    };
    const header = { type: 'handshake', receiver: entry.hello.sender, number: answer } as const;
    return { datagram: packetOf(header, { type: 'hello', ...hello }), destination: source };
  }

  #forget(entry: HalfOpen): void {
    this.#byId.delete(entry.localId);
    this.#byKey.delete(entry.key);
  }
}

/** Ends a connection whose other side may take it for open. */
export function resetOf({ localToken, hello, source, answeredAt }: HalfOpen): Transmit {
  const header = { type: 'data', receiver: hello.sender, number: answeredAt.length } as const;
  const frame = { type: 'reset', code: CLOSE_CODES.notListening, token: localToken } as const;
  return { datagram: packetOf(header, frame), destination: source };
}
