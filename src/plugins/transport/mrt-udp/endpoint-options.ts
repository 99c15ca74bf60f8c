import type { Logger, Random } from '../../../kernel/index.ts';
import type { CongestionName } from './congestion/controllers.ts';
import type { ConnectionEvent, Transmit } from './connection-options.ts';
import type { Connection } from './connection.ts';
import type { DialAttempt } from './dial-attempt.ts';
import type { Frame } from './frames.ts';
import type { Packet } from './packet.ts';
import type { UdpAddress } from './udp-address.ts';

/** What an endpoint is lent, and its limits: the plugin's options with the world. */
export interface EndpointOptions {
  readonly random: Random;
  readonly logger: Logger;
  readonly maxFrameLength: number;
  readonly maxConnections: number;
  readonly halfOpen: number;
  readonly keepAliveMs: number;
  readonly dialTimeoutMs: number;
  readonly receiveWindow: number;
  /** Bytes that all connections may hold together before those who hold their part have to wait. */
  readonly socketMemory: number;
  /** Largest datagram that path MTU discovery tries. */
  readonly datagramLength: number;
  /** Largest datagram that leaves this machine towards an IP address in one piece. */
  linkLimit(ip: string): number;
  /** Memory for a datagram; it may be the same again once the datagram before was sent. */
  allocate(length: number): Buffer;
  /** How connections share a path. */
  readonly congestion: CongestionName;
}

/** A packet that arrived, and from where. */
export interface Arrived {
  readonly packet: Packet;
  readonly frames: readonly Frame[];
  readonly source: UdpAddress;
  /** Bytes of the datagram. */
  readonly size: number;
}

/** A datagram to send, and the dial that fails where it cannot be sent. */
export type EndpointTransmit = Transmit & { readonly dial?: DialAttempt };

/** What an endpoint tells its driver. */
export type EndpointEvent =
  | { readonly type: 'accepted'; readonly connection: Connection }
  | { readonly type: 'dialled'; readonly dial: DialAttempt; readonly connection: Connection }
  | { readonly type: 'dialFailed'; readonly dial: DialAttempt; readonly error: Error }
  | { readonly type: 'connection'; readonly connection: Connection; readonly event: ConnectionEvent };
