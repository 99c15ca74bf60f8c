import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../../kernel/index.ts';
import { RETRY_TOKEN_LIFE_MS } from './constants.ts';
import type { ConnectionId } from './packet.ts';
import { formatUdpAddress, type UdpAddress } from './udp-address.ts';
import { asBuffer } from '../../../kit/index.ts';

const KEY_LENGTH = 32;
const TIME_LENGTH = 8;
const MAC_LENGTH = 16;

/** Tokens by which a source proves that it receives at its address, without our remembering that we asked. */
export class RetryTokens {
  readonly #key: Uint8Array;

  constructor(random: Random) {
    this.#key = random.bytes(KEY_LENGTH);
  }

  /** The token for a source and the connection it wants. */
  issue(source: UdpAddress, dialler: ConnectionId, now: number): Uint8Array {
    const token = Buffer.alloc(TIME_LENGTH + MAC_LENGTH);
    token.writeDoubleBE(now, 0);
    this.#mac(token.subarray(0, TIME_LENGTH), source, dialler).copy(token, TIME_LENGTH);
    return token;
  }

  /** Whether a token was issued here, to this source and for this connection, a short while ago. */
  isValid(token: Uint8Array, source: UdpAddress, dialler: ConnectionId, now: number): boolean {
    if (token.length !== TIME_LENGTH + MAC_LENGTH) return false;
    const bytes = asBuffer(token);
    const expected = this.#mac(bytes.subarray(0, TIME_LENGTH), source, dialler);
    return timingSafeEqual(expected, bytes.subarray(TIME_LENGTH)) && now - bytes.readDoubleBE(0) <= RETRY_TOKEN_LIFE_MS;
  }

  #mac(time: Uint8Array, source: UdpAddress, dialler: ConnectionId): Buffer {
    const mac = createHmac('sha256', this.#key)
      .update(time)
      .update(`${dialler} ${formatUdpAddress(source)}`)
      .digest();
    return mac.subarray(0, MAC_LENGTH);
  }
}
