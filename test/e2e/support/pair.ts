import type { Cipher, Transport } from '../../../src/kernel/index.ts';
import { systemClock, systemRandom } from '../../../src/kit/index.ts';
import { aesGcm, aesJs, mrtUdp, none, tcp, websocket } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

const MIB = 1024 * 1024;
const TRANSPORTS = { 'mrt-udp': mrtUdp, tcp, websocket } as const;
const CIPHERS = { 'aes-gcm': aesGcm, 'aes-js': aesJs, none } as const;

export interface Pair {
  readonly transport: keyof typeof TRANSPORTS;
  readonly cipher: keyof typeof CIPHERS;
}

/** What the shipped default profile uses. */
const SHIPPED: Pair = { transport: 'mrt-udp', cipher: 'aes-gcm' };

/** The transport and the cipher that the nodes of this run use: jest.config.js hands in each pair in turn, and none for the shipped one. */
export const PAIR: Pair = (globalThis as { readonly pairUnderTest?: Pair }).pairUnderTest ?? SHIPPED;

/** Whether the nodes run as shipped. */
export const IS_SHIPPED = PAIR.transport === SHIPPED.transport && PAIR.cipher === SHIPPED.cipher;

/** Bytes of a large file, and of the largest that the long tests pass between nodes: a cipher in JavaScript takes its time. */
export const LARGE = (PAIR.cipher === 'aes-js' ? 16 : 64) * MIB;
export const HUGE = (PAIR.cipher === 'aes-js' ? 16 : 1_024) * MIB;

/** A transport as the nodes have it, for those that turn up at their ports. */
export function transportOfPair(): Transport {
  return createPlugin(TRANSPORTS[PAIR.transport](), { clock: systemClock(), random: systemRandom() });
}

export function cipherOfPair(): Cipher {
  return createPlugin(CIPHERS[PAIR.cipher]());
}

/** A cipher that the nodes do not have. */
export const OTHER_CIPHER: Pair['cipher'] = PAIR.cipher === 'none' ? 'aes-gcm' : 'none';
