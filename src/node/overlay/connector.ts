import {
  KernelError,
  toError,
  type AbortOptions,
  type Address,
  type Clock,
  type Logger,
  type NodeId,
  type Session,
  type SessionTransport,
  type Settings,
} from '../../kernel/index.ts';
import { encodeMessage } from '../messages/codec.ts';
import type { ConnMessage, FullMessage } from '../messages/message.ts';
import type { NodeRecord } from '../records.ts';
import { DirectConnection, type DirectConnectionOptions } from './direct-connection.ts';
import type { DirectConnections } from './direct-connections.ts';
import { readFirstMessage } from './first-message.ts';
import { requirePeer } from './gossip.ts';
import { fillAddress, type SelfRecord } from './self-record.ts';

/** Minor version of the protocol, told in CONN; `docs/protocol.md` lists what each added. */
export const MINOR_VERSION = 0;

/** Addresses offered to a node that is refused for want of room. */
const ALTERNATIVES = 4;

export interface ConnectorOptions extends Pick<DirectConnectionOptions, 'onMessage' | 'onEnd'> {
  readonly self: SelfRecord;
  readonly user: string;
  readonly transport: SessionTransport;
  readonly connections: DirectConnections;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly logger: Logger;
  /** Nodes a refused one may try, best first. */
  readonly alternatives: (except: NodeId) => Iterable<NodeRecord>;
  /** Called with each new direct connection, entered and not started yet. */
  readonly onConnected: (connection: DirectConnection) => void;
}

/** Makes sessions into direct connections: the exchange of CONN, the limits, and which of two connections stays. */
export class Connector {
  readonly #options: ConnectorOptions;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /**
   * Dials an address and makes it a direct connection; gives the one that stays where the other node dialled us meanwhile.
   *
   * @throws ERR_ADDRESS, ERR_DIAL_FAILED, ERR_FULL with addresses to try, ERR_PEER_MISMATCH where another node answers than `expected`, or
   * what the handshake says.
   */
  async dial(
    target: Address,
    options: AbortOptions & { readonly recovery: boolean; readonly expected?: NodeId },
  ): Promise<DirectConnection> {
    const { transport } = this.#options;
    const session = await transport.dial(transport.parse(target), options);
    if (options.expected !== undefined && session.peer !== options.expected) {
      const mismatch = new KernelError(
        'ERR_PEER_MISMATCH',
        `${target} is now node ${session.peer}, not ${options.expected}`,
      );
      session.abort(mismatch);
      throw mismatch;
    }
    return this.#introduce(session, options);
  }

  /** Makes a session whose first message was CONN a direct connection, or refuses it; a code ends the session. */
  async accept(session: Session, conn: ConnMessage): Promise<void> {
    const { connections, settings, logger } = this.#options;
    requirePeer(conn.node, session);
    if (!connections.prevails({ peer: session.peer, dialled: false, incarnation: conn.node.incarnation })) {
      throw new KernelError('ERR_DUPLICATE_CONNECTION', 'another connection between the same two nodes stays');
    }
    if (connections.isFull(session.peer, conn.recovery)) {
      logger.info('direct.refused', { peer: session.peer, limit: settings.directConnections });
      await session.send(encodeMessage(this.#full(session.peer)));
      await session.close();
      return;
    }
    const answer = session.send(encodeMessage(this.#conn(session, conn.recovery)));
    this.#connect(session, conn, false);
    await answer;
  }

  async #introduce(
    session: Session,
    options: AbortOptions & { readonly recovery: boolean },
  ): Promise<DirectConnection> {
    const { clock, settings, connections } = this.#options;
    await session.send(encodeMessage(this.#conn(session, options.recovery)), options);
    const read = readFirstMessage(session, { clock, timeoutMs: settings.handshakeMs, signal: options.signal });
    const opened = await read.catch((error: unknown) => {
      // The other side may have found, as we will, that the connection it dialled meanwhile stays.
      const other = connections.get(session.peer);
      if (other === undefined) throw error;
      return other;
    });
    if (opened instanceof DirectConnection) return opened;
    const { message } = opened;
    if (message.type === 'FULL') throw this.#refused(session, message);
    try {
      if (message.type !== 'CONN') throw new KernelError('ERR_MESSAGE', `${message.type} in answer to CONN`);
      requirePeer(message.node, session);
    } catch (error) {
      session.abort(toError(error));
      throw error;
    }
    const existing = connections.get(session.peer);
    const { incarnation } = message.node;
    if (existing === undefined || connections.prevails({ peer: session.peer, dialled: true, incarnation })) {
      return this.#connect(opened.session, message, true);
    }
    session.abort(new KernelError('ERR_DUPLICATE_CONNECTION', 'another connection between the same two nodes stays'));
    return existing;
  }

  #connect(session: Session, conn: ConnMessage, dialled: boolean): DirectConnection {
    const { clock, settings, logger, connections, onMessage, onEnd } = this.#options;
    const record = fillAddress(conn.node, session.remote);
    const { user } = conn;
    const connection = new DirectConnection({
      session,
      dialled,
      record,
      user,
      clock,
      settings,
      logger,
      onMessage,
      onEnd,
    });
    connections.add(connection);
    logger.info('direct.connected', {
      peer: session.peer,
      address: record.address,
      user,
      dialled,
      recovery: conn.recovery,
    });
    this.#options.onConnected(connection);
    connection.start();
    return connection;
  }

  #conn(session: Session, recovery: boolean): ConnMessage {
    const { self, user } = this.#options;
    return {
      type: 'CONN',
      node: self.recordFor(session.remote),
      recovery,
      user,
      minorVersion: MINOR_VERSION,
      features: [],
    };
  }

  #full(peer: NodeId): FullMessage {
    const alternatives: NodeRecord[] = [];
    for (const record of this.#options.alternatives(peer)) {
      if (alternatives.push(record) === ALTERNATIVES) break;
    }
    return { type: 'FULL', alternatives };
  }

  #refused(session: Session, { alternatives }: FullMessage): KernelError {
    const addresses = alternatives.map(({ address }) => address).filter((address) => address !== '');
    const hint = addresses.length > 0 ? `; try ${addresses.join(' or ')}` : '';
    const refused = new KernelError(
      'ERR_FULL',
      `node ${session.peer} has as many direct connections as it allows${hint}`,
    );
    session.abort(refused);
    return refused;
  }
}
