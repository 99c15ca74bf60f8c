import type { AbortOptions, NodeId, Session } from '../../kernel/index.ts';

export interface TransferDialOptions extends AbortOptions {
  /** A message of the peer makes us dial, not our own user: comes out of the budget for that. */
  readonly atPeersWish?: boolean | undefined;
}

/** The overlay as transfers see it. */
export interface TransferPeers {
  /**
   * A new session of its own to a known node; rejects with ERR_NO_SUCH_PEER, ERR_DIAL_FAILED, ERR_PEER_MISMATCH, a handshake code, or ERR_LIMIT where
   * peers made us dial too often.
   */
  dial(id: NodeId, options?: TransferDialOptions): Promise<Session>;
  /**
   * The slow way: a session that runs inside the direct connection to a node, behind heartbeats and gossip; frames of at most
   * TUNNEL_FRAME_LENGTH bytes. `undefined` where there is no direct connection.
   */
  tunnel(id: NodeId): Session | undefined;
}

/** Largest frame sent through a tunnel, in bytes: small, so that a heartbeat never waits long behind one. */
export const TUNNEL_FRAME_LENGTH = 16 * 1024;
