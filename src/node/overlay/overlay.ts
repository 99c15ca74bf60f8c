import { setMaxListeners } from 'node:events';
import {
  KernelError,
  toError,
  type AbortOptions,
  type Address,
  type Clock,
  type Logger,
  type NodeId,
  type Random,
  type Session,
  type SessionTransport,
  type Settings,
} from '../../kernel/index.ts';
import { abortable } from '../../kit/deadline.ts';
import type { NodeEvent, PeerStatus } from '../api.ts';
import { encodeMessage } from '../messages/codec.ts';
import type { ConnMessage, SuspMessage } from '../messages/message.ts';
import type { FileStatement, NodeRecord } from '../records.ts';
import type { TransferDialOptions, TransferPeers } from '../transfer/transfer-peers.ts';
import { Connector } from './connector.ts';
import { DialBudget } from './dial-budget.ts';
import type { DirectConnection, DirectEnd } from './direct-connection.ts';
import { DirectConnections } from './direct-connections.ts';
import { Gossip, type GossipFiles } from './gossip.ts';
import { Heartbeat } from './heartbeat.ts';
import type { KnownPeers } from './known-peers.ts';
import type { Membership } from './membership.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import { OwnPace } from './own-pace.ts';
import { peerStatuses } from './peer-statuses.ts';
import type { SelfRecord } from './self-record.ts';
import { Upkeep } from './upkeep.ts';

/** What of the files the overlay needs: to spread news, and to weigh what each node holds. */
export interface OverlayFiles extends GossipFiles {
  /** How much a node's folder holds. */
  holdingsOf(origin: NodeId): { readonly bytes: number };
  /** Drops what a node said: it is gone for good. */
  forget(origin: NodeId): void;
}

export interface OverlayOptions {
  readonly self: SelfRecord;
  readonly user: string;
  readonly transport: SessionTransport;
  readonly membership: Membership;
  readonly neighbours: NeighbourTable;
  readonly knownPeers: KnownPeers;
  readonly files: OverlayFiles;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly attachTunnel: (session: Session) => void;
  readonly onEvent: (event: NodeEvent) => void;
}

/** The network as one node sees it: direct connections, heartbeats, gossip, and healing when somebody is gone. */
export class Overlay implements TransferPeers {
  readonly #options: OverlayOptions;
  readonly #connections: DirectConnections;
  readonly #gossip: Gossip;
  readonly #connector: Connector;
  readonly #upkeep: Upkeep;
  readonly #heartbeat: Heartbeat;
  readonly #dialBudget: DialBudget;
  readonly #lifetime = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(options: OverlayOptions) {
    const { self, clock, logger, settings, membership, neighbours, files, user, transport } = options;
    this.#options = options;
    // As many as there are dials and waits at once: no leak.
    setMaxListeners(0, this.#lifetime.signal);
    const connections = new DirectConnections({ self: self.id, settings });
    this.#connections = connections;
    const pace = new OwnPace({ clock, settings });
    this.#dialBudget = new DialBudget({ clock, perMinute: settings.dialsPerMinute });
    this.#gossip = new Gossip({
      self,
      membership,
      files,
      clock,
      random: options.random,
      logger,
      settings,
      connections: () => connections,
      onJoined: (record) => this.#joined(record),
      onUpdated: (record) => this.#upkeep.updated(record),
      onLeft: (record) => this.#left(record),
      onSuspected: (record) => this.#upkeep.suspected(record),
      isHeardOf: (id) => this.#upkeep.isHeardOf(id),
    });
    this.#connector = new Connector({
      self,
      user,
      transport,
      connections,
      clock,
      pace,
      settings,
      logger,
      onMessage: (message, from) => this.#gossip.receive(message, from),
      onEnd: (how, connection) => this.#ended(how, connection),
      alternatives: (except) => this.#ranked((id) => id !== except),
      onConnected: (connection) => this.#connected(connection),
    });
    this.#upkeep = new Upkeep({
      ...options,
      pace,
      connections,
      ranked: neighbours,
      budget: this.#dialBudget,
      signal: this.#lifetime.signal,
      gossip: this.#gossip,
      connect: ({ address, id }) => this.#connect(address, id),
      ping: (record, isSuspected) => this.#ping(record, isSuspected),
    });
    this.#heartbeat = new Heartbeat({
      self,
      clock,
      logger,
      settings,
      connections,
      membership,
      neighbours,
      pace,
      files,
      isHeard: (connection) => this.#upkeep.isHeard(connection),
      onBeat: () => this.#upkeep.beat(),
    });
  }

  /** Starts to send heartbeats, and dials the neighbours of the last run; who does not answer is only logged. */
  async start(): Promise<void> {
    await this.#upkeep.start();
    this.#heartbeat.start();
  }

  /**
   * Connects to the node at an address; resolves when it told its network. Rejects with the code of what is wrong. Who gives up after the other
   * node took us in has the connection all the same.
   */
  async add(address: Address, options: AbortOptions = {}): Promise<{ readonly id: NodeId; readonly address: Address }> {
    const dialled = await this.#connector.dial(address, { recovery: false, signal: options.signal });
    const connection = await abortable(this.#introduced(dialled), options.signal);
    return { id: connection.peer, address: connection.record.address };
  }

  /** Resolves when the peer told its network: to this connection, or to the one that replaced it before. */
  async #introduced(connection: DirectConnection): Promise<DirectConnection> {
    try {
      await connection.introduced;
      return connection;
    } catch (error) {
      const replacement = this.#connections.get(connection.peer);
      if (replacement === undefined || replacement === connection) throw error;
      return this.#introduced(replacement);
    }
  }

  /** Takes a session that began with CONN. */
  async accept(session: Session, conn: ConnMessage): Promise<void> {
    await this.#connector.accept(session, conn);
  }

  /** Takes a session that asked whether this node lives, and told that some doubt it. */
  async refute(session: Session, { nodes }: SuspMessage): Promise<void> {
    this.#gossip.refute(nodes);
    await session.close({ signal: this.#lifetime.signal });
  }

  /** Spreads a change of our own files. */
  announce(statement: FileStatement): void {
    this.#gossip.announce(statement);
  }

  async dial(id: NodeId, options: TransferDialOptions = {}): Promise<Session> {
    const member = this.#options.membership.get(id);
    if (member?.alive !== true) throw new KernelError('ERR_NO_SUCH_PEER', `no node ${id} is known`);
    const { address } = member.record;
    if (address === '') throw new KernelError('ERR_DIAL_FAILED', `node ${id} told no address`);
    if (options.atPeersWish === true && !this.#dialBudget.take()) {
      throw new KernelError('ERR_LIMIT', 'peers made this node dial too often in the last minute');
    }
    const session = await this.#options.transport.dial(address, options);
    if (session.peer === id) return session;
    const mismatch = new KernelError('ERR_PEER_MISMATCH', `${address} is now node ${session.peer}, not ${id}`);
    session.abort(mismatch);
    throw mismatch;
  }

  tunnel(id: NodeId): Session | undefined {
    return this.#connections.get(id)?.tunnel;
  }

  get directCount(): number {
    return this.#connections.size;
  }

  /** Every other node that is alive, each once, best first. */
  peers(): PeerStatus[] {
    const { neighbours, membership } = this.#options;
    return peerStatuses({ neighbours, membership, connections: this.#connections });
  }

  /** Says goodbye to every neighbour and closes, within a few seconds; never rejects. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new KernelError('ERR_CLOSED', 'the node was closed');
    this.#lifetime.abort(closed);
    await Promise.all([
      this.#connector.close(closed),
      this.#heartbeat.close(),
      this.#upkeep.close(),
      ...[...this.#connections].map((connection) => this.#farewell(connection)),
    ]);
    await this.#gossip.close();
  }

  async #farewell(connection: DirectConnection): Promise<void> {
    connection.send([encodeMessage({ type: 'BYEF', node: this.#options.self.recordFor(connection.remote) })]);
    await connection.close();
    this.#connections.remove(connection);
  }

  #connected(connection: DirectConnection): void {
    this.#gossip.introduce(connection);
    this.#heartbeat.beat();
    this.#options.attachTunnel(connection.tunnel);
    this.#upkeep.connected(connection);
  }

  #ended(how: DirectEnd, connection: DirectConnection): void {
    if (this.#lifetime.signal.aborted || !this.#connections.remove(connection)) return;
    this.#heartbeat.beat();
    this.#upkeep.ended(how, connection);
  }

  async #connect(address: Address, expected: NodeId): Promise<void> {
    await this.#connector.dial(address, { recovery: true, expected, signal: this.#lifetime.signal });
  }

  /** A session proves who is at its other end: that is all that is wanted of it, but for a word to whoever is suspected. */
  async #ping(record: NodeRecord, isSuspected: boolean): Promise<void> {
    const { signal } = this.#lifetime;
    const session = await this.dial(record.id, { signal });
    try {
      if (isSuspected) await session.send(encodeMessage({ type: 'SUSP', nodes: [record] }), { signal });
      await session.close({ signal });
    } catch (error) {
      // However it ended, the node was there.
      session.abort(toError(error));
    }
  }

  #joined(record: NodeRecord): void {
    this.#options.logger.info('peer.joined', { peer: record.id, address: record.address });
    this.#upkeep.joined(record);
    this.#heartbeat.rescore(record);
    this.#options.onEvent({ type: 'peer-joined', id: record.id, address: record.address });
  }

  #left(record: NodeRecord): void {
    this.#options.logger.info('peer.left', { peer: record.id, address: record.address });
    this.#options.neighbours.remove(record.id);
    this.#options.onEvent({ type: 'peer-left', id: record.id, address: record.address });
    this.#upkeep.left(record);
  }

  *#ranked(wanted: (id: NodeId) => boolean): Iterable<NodeRecord> {
    const { neighbours, membership } = this.#options;
    for (const id of neighbours) {
      const record = membership.get(id)?.record;
      if (record !== undefined && wanted(id)) yield record;
    }
  }
}
