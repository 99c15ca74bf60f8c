import type { AbortOptions } from './abort.ts';
import type { Address, Connection, Transport } from './transport.ts';

/** Who a node is: the first 16 bytes of SHA-256 of its Ed25519 public key, as 32 lower-case hex digits. */
export type NodeId = string;

/** A connection whose other end is proved. */
export interface Session extends Connection {
  /** The node at the other end, proved by its signature in the handshake. */
  readonly peer: NodeId;
  /** Whether the records after the handshake are protected against change. */
  readonly authenticated: boolean;
}

/** Accepts sessions; see Listener. A handshake that fails never shows here. */
export interface SessionListener extends AsyncIterable<Session>, AsyncDisposable {
  readonly address: Address;
  close(): Promise<void>;
}

/** A transport whose connections are sessions: what the sealed layer makes of a Transport. */
export interface SessionTransport extends Transport {
  listen(address: Address, options?: AbortOptions): Promise<SessionListener>;
  dial(address: Address, options?: AbortOptions): Promise<Session>;
}
