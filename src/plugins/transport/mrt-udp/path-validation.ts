import type { Random } from '../../../kernel/index.ts';
import { PATH_TOKEN_LENGTH } from './frames.ts';
import { isSameAddress, type UdpAddress } from './udp-address.ts';
import { asBuffer } from '../../../kit/index.ts';

/** How long one address is being asked before another, or the same again, may be. */
const INTERVAL_MS = 1_000;

/** Proves that a peer whose packets come from a new address really is there, before anything else is sent to it. */
export class PathValidation {
  readonly #random: Random;
  #address: UdpAddress | undefined;
  #token: Uint8Array | undefined;
  #askedAt = -Infinity;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The challenge to send to an address, unless one was sent a moment ago. */
  challenge(address: UdpAddress, now: number): Uint8Array | undefined {
    if (now - this.#askedAt < INTERVAL_MS) return undefined;
    this.#askedAt = now;
    this.#address = address;
    this.#token = this.#random.bytes(PATH_TOKEN_LENGTH);
    return this.#token;
  }

  /** The address that a response proves, if it answers our last challenge from there. */
  prove(token: Uint8Array, source: UdpAddress): UdpAddress | undefined {
    const isAnswer = this.#token !== undefined && asBuffer(token).equals(this.#token);
    if (!isAnswer || this.#address === undefined || !isSameAddress(this.#address, source)) return undefined;
    this.#token = undefined;
    return this.#address;
  }
}
