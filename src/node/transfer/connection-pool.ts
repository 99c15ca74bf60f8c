import { KernelError, toError, type Clock, type Logger, type NodeId, type Session } from '../../kernel/index.ts';
import { abortable, withDeadline } from '../../kit/deadline.ts';
import type { OpeningMessage } from '../messages/message.ts';
import { TransferConnection } from './transfer-connection.ts';
import type { TransferDialOptions, TransferPeers } from './transfer-peers.ts';

export interface ConnectionPoolOptions {
  readonly peers: TransferPeers;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a connection is kept for the next transfer. */
  readonly idleMs: number;
  /** Time allowed for one dial. */
  readonly dialMs: number;
  readonly onOpening: (connection: TransferConnection, message: OpeningMessage) => void;
}

export interface ReachOptions extends TransferDialOptions {
  /** Not a connection that served before. */
  readonly fresh?: boolean;
}

/** A connection, and whether it served before, so that the peer may have left it without our knowing. */
export interface PooledConnection {
  readonly connection: TransferConnection;
  readonly reused: boolean;
}

/** Connections of their own that one peer may have open with us. */
const MAX_CONNECTIONS_PER_PEER = 8;

/** How long a node that closes waits for its peers to take what was sent: the dead among them never do. */
const FAREWELL_MS = 1_000;

/** Transfer connections by peer: each is used by all transfers with that peer, whoever dialled it, and dialled once however many want it. */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #connections = new Map<NodeId, Set<TransferConnection>>();
  /** The tunnels that were ever attached: one that ended stays so, though its direct connection may live. */
  readonly #tunnels = new WeakMap<Session, TransferConnection>();
  readonly #openTunnels = new Set<TransferConnection>();
  /** Peers with a tunnel that a dial did not reach, and until when that counts. */
  readonly #undialableUntil = new Map<NodeId, number>();
  readonly #dials = new Map<NodeId, Promise<TransferConnection>>();
  readonly #closing = new AbortController();

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /**
   * A connection of its own with a peer: one there is (unless a fresh one is asked for), else a new one. Rejects with what `dial` does, and
   * ERR_DIAL_FAILED where it takes too long.
   */
  async get(peer: NodeId, { signal, atPeersWish, fresh = false }: ReachOptions = {}): Promise<PooledConnection> {
    this.#closing.signal.throwIfAborted();
    const kept = fresh ? undefined : this.ready(peer);
    if (kept !== undefined) return { connection: kept, reused: true };
    return { connection: await abortable(this.#sharedDial(peer, atPeersWish), signal), reused: false };
  }

  /** The connection of its own with a peer that is there already; `undefined` where there is none. */
  ready(peer: NodeId): TransferConnection | undefined {
    const [kept] = this.#connections.get(peer) ?? [];
    return kept;
  }

  /**
   * As `get`; where the peer cannot be dialled, its tunnel if there is one. That is remembered for a while, so that of many files through a
   * tunnel only the first waits for a dial in vain.
   */
  async reach(peer: NodeId, options: ReachOptions = {}): Promise<PooledConnection> {
    const { clock, idleMs } = this.#options;
    const known = clock.now() < (this.#undialableUntil.get(peer) ?? -Infinity) && !this.#connections.has(peer);
    const tunnel = known ? this.#tunnel(peer) : undefined;
    if (tunnel !== undefined) return { connection: tunnel, reused: false };
    try {
      const reached = await this.get(peer, options);
      this.#undialableUntil.delete(peer);
      return reached;
    } catch (error) {
      const instead = options.signal?.aborted === true ? undefined : this.#tunnel(peer);
      if (instead === undefined) throw error;
      this.#undialableUntil.set(peer, clock.now() + idleMs);
      return { connection: instead, reused: false };
    }
  }

  /** Reads a tunnel from now on. Idempotent. */
  attachTunnel(session: Session): void {
    if (this.#closing.signal.aborted || this.#tunnels.has(session)) return;
    const onEnd = (ended: TransferConnection) => this.#openTunnels.delete(ended);
    const connection = new TransferConnection({ ...this.#options, session, tunnel: true, onEnd });
    this.#tunnels.set(session, connection);
    this.#openTunnels.add(connection);
    connection.start();
  }

  /** Takes a session that a peer dialled, with the first message read from it. */
  accept(session: Session, first: OpeningMessage): void {
    const { peer } = session;
    if (this.#closing.signal.aborted) {
      session.abort(toError(this.#closing.signal.reason));
    } else if ((this.#connections.get(peer)?.size ?? 0) >= MAX_CONNECTIONS_PER_PEER) {
      const message = `${peer} has ${MAX_CONNECTIONS_PER_PEER} transfer connections already`;
      this.#options.logger.warn('transfer.connection_refused', { peer, code: 'ERR_LIMIT', reason: message });
      session.abort(new KernelError('ERR_LIMIT', message));
    } else {
      this.#add(session, first);
    }
  }

  /** Ends dials under way with the reason, and closes every connection. Never rejects. */
  async close(reason: Error): Promise<void> {
    this.#closing.abort(reason);
    const open = [...this.#connections.values()].flatMap((connections) => [...connections]);
    for (const tunnel of this.#openTunnels) tunnel.abort(reason);
    const cutOff = this.#options.clock.setTimer(FAREWELL_MS, () => {
      for (const connection of open) connection.abort(reason);
    });
    await Promise.all([...open.map((connection) => connection.close()), Promise.allSettled(this.#dials.values())]);
    cutOff.cancel();
  }

  #tunnel(peer: NodeId): TransferConnection | undefined {
    const session = this.#options.peers.tunnel(peer);
    if (session === undefined) return undefined;
    this.attachTunnel(session);
    const connection = this.#tunnels.get(session);
    return connection?.ended === false ? connection : undefined;
  }

  #add(session: Session, first?: OpeningMessage): TransferConnection {
    const { peer } = session;
    const connections = this.#connections.get(peer) ?? new Set();
    const onEnd = (ended: TransferConnection) => {
      connections.delete(ended);
      if (connections.size === 0 && this.#connections.get(peer) === connections) this.#connections.delete(peer);
    };
    this.#connections.set(peer, connections);
    const connection = new TransferConnection({ ...this.#options, session, tunnel: false, onEnd });
    connections.add(connection);
    connection.start(first);
    return connection;
  }

  /** Runs on where the one who wanted it gives up: the next may want it, and an idle connection closes by itself. */
  #sharedDial(peer: NodeId, atPeersWish: boolean | undefined): Promise<TransferConnection> {
    const underWay = this.#dials.get(peer);
    if (underWay !== undefined) return underWay;
    const dial = this.#dial(peer, atPeersWish).finally(() => this.#dials.delete(peer));
    this.#dials.set(peer, dial);
    // Whoever still waits sees the failure; where nobody does, it is nobody's.
    dial.catch(() => undefined);
    return dial;
  }

  #dial(peer: NodeId, atPeersWish: boolean | undefined): Promise<TransferConnection> {
    const { clock, dialMs, peers } = this.#options;
    const timeout = () => new KernelError('ERR_DIAL_FAILED', `${peer} did not answer a dial within ${dialMs} ms`);
    return withDeadline(clock, dialMs, timeout, this.#closing.signal, async (signal) => {
      const session = await peers.dial(peer, { signal, atPeersWish });
      if (signal.aborted) session.abort(toError(signal.reason));
      signal.throwIfAborted();
      return this.#add(session);
    });
  }
}
