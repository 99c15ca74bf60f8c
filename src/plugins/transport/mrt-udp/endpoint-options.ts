import type { Logger, Random } from '../../../kernel/index.ts';
import type { ConnectionEvent, Transmit } from './connection-options.ts';
import type { Connection } from './connection.ts';
import type { DialAttempt } from './dial-attempt.ts';

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
  readonly datagramLength: number;
  /** How connections share a path. */
  readonly congestion: 'bbr' | 'cubic';
}

/** A datagram to send, and the dial that fails where it cannot be sent. */
export type EndpointTransmit = Transmit & { readonly dial?: DialAttempt };

/** What an endpoint tells its driver. */
export type EndpointEvent =
  | { readonly type: 'accepted'; readonly connection: Connection }
  | { readonly type: 'dialled'; readonly dial: DialAttempt; readonly connection: Connection }
  | { readonly type: 'dialFailed'; readonly dial: DialAttempt; readonly error: Error }
  | { readonly type: 'connection'; readonly connection: Connection; readonly event: ConnectionEvent };
