import type { Random } from '../../../kernel/index.ts';
import type { BlockLoan } from './block-loan.ts';
import type { CongestionFactory } from './congestion/controller.ts';
import type { Frame } from './frames.ts';
import type { PacketLog } from './packet-log.ts';
import type { ConnectionId } from './packet.ts';
import type { UdpAddress } from './udp-address.ts';

/** A datagram to send. */
export interface Transmit {
  readonly datagram: Uint8Array;
  readonly destination: UdpAddress;
}

/** A packet that arrived for a connection. */
export interface ReceivedPacket {
  readonly number: number;
  readonly frames: readonly Frame[];
  /** Bytes of the datagram. */
  readonly size: number;
}

/**
 * What a connection tells its user: a frame can be read; more can be written; all we sent has arrived, the end included;
 * it ended, by `error` where not by both sides' word.
 */
export type ConnectionEvent =
  | { readonly type: 'readable' | 'writable' | 'delivered' }
  | { readonly type: 'ended'; readonly error: Error | undefined };

/** What the handshake settled, and what the connection is lent. */
export interface ConnectionOptions {
  readonly localId: ConnectionId;
  readonly remoteId: ConnectionId;
  /** What our resets carry, and what the peer's do. */
  readonly localToken: Uint8Array;
  readonly remoteToken: Uint8Array;
  readonly remote: UdpAddress;
  /** First stream offset the peer does not take yet. */
  readonly peerWindow: number;
  /** Largest datagram to try on the way to an address. */
  datagramLimit(remote: UdpAddress): number;
  /** First packet number not used in the handshake. */
  readonly nextNumber: number;
  /** Round-trip time of the handshake, where it can be told. */
  readonly rttMs: number | undefined;
  readonly now: number;
  /** Most bytes the peer may ever send ahead of the reader. */
  readonly receiveWindow: number;
  readonly maxFrameLength: number;
  readonly keepAliveMs: number;
  readonly congestion: CongestionFactory;
  readonly random: Random;
  readonly log: PacketLog;
  /** Memory for what waits in its streams. */
  readonly pool: BlockLoan;
  /** Memory for the next datagram, which is sent before the one after it is asked for. */
  allocate(length: number): Buffer;
  /** Told of each event, and whenever a call of the user leaves something to send or a new deadline. */
  onEvent(event: ConnectionEvent): void;
  onWork(): void;
}
