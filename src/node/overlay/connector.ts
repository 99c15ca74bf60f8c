import {
  KernelError,
  errorCode,
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
import { withDeadline } from '../../kit/deadline.ts';
import { encodeMessage } from '../messages/codec.ts';
import type { ConnMessage, FullMessage } from '../messages/message.ts';
import { NewsReader } from '../messages/news-reader.ts';
import type { NodeRecord } from '../records.ts';
import { Jobs } from '../transfer/jobs.ts';
import { DirectConnection, type DirectConnectionOptions } from './direct-connection.ts';
import type { DirectConnections } from './direct-connections.ts';
import { readFirstMessage, type OpenedSession } from './first-message.ts';
import { SUSPICION, requirePeer } from './gossip.ts';
import { DIGESTS } from './introductions.ts';
import type { OwnPace } from './own-pace.ts';
import { fillAddress, type SelfRecord } from './self-record.ts';

/** Minor version of the protocol, told in CONN; `docs/protocol.md` lists what each added. */
export const MINOR_VERSION = 1;

/** What this node can do beside what every node of the major version can. */
const FEATURES = [SUSPICION, 'pieces', DIGESTS];

/** Addresses offered to a node that is refused for want of room. */
const ALTERNATIVES = 4;

export interface ConnectorOptions extends Pick<DirectConnectionOptions, 'onMessage' | 'onEnd'> {
  readonly self: SelfRecord;
  readonly user: string;
  readonly transport: SessionTransport;
  readonly connections: DirectConnections;
  readonly clock: Clock;
  readonly pace: Pick<OwnPace, 'runningSince'>;
  readonly settings: Settings;
  readonly logger: Logger;
  /** Nodes a refused one may try, best first. */
  readonly alternatives: (except: NodeId) => Iterable<NodeRecord>;
  /** Called with each new direct connection, entered and not started yet. */
  readonly onConnected: (connection: DirectConnection) => void;
}

export interface ConnectOptions extends AbortOptions {
  /** Whether healing asks for it. */
  readonly recovery: boolean;
  /** Who should answer. */
  readonly expected?: NodeId;
}

/** Makes sessions into direct connections: the exchange of CONN, the limits, and which of two connections stays. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #jobs = new Jobs();
  readonly #news = new NewsReader();

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /**
   * Dials an address and makes it a direct connection; gives the one that stays where the other node dialled us meanwhile.
   *
   * @throws ERR_ADDRESS, ERR_DIAL_FAILED, ERR_FULL with addresses to try, ERR_PEER_MISMATCH where another node answers than `expected`,
   * ERR_CLOSED, or what the handshake says. Nothing is left open then.
   */
  async dial(target: Address, options: ConnectOptions): Promise<DirectConnection> {
    const { transport } = this.#options;
    return this.#jobs.run(options.signal, async (signal) => {
      const session = await transport.dial(transport.parse(target), { signal });
      try {
        return await this.#introduce(session, target, { ...options, signal });
      } catch (error) {
        session.abort(toError(error));
        throw error;
      }
    });
  }

  /** Makes a session whose first message was CONN a direct connection, or refuses it; a code ends the session. */
  async accept(session: Session, conn: ConnMessage): Promise<void> {
    await this.#jobs.run(undefined, (signal) => this.#accept(session, conn, signal));
  }

  /** Ends with the reason whatever is being dialled or taken in, and takes in nothing more; resolves when all that has ended. */
  async close(reason: Error): Promise<void> {
    await this.#jobs.close(reason);
  }

  async #accept(session: Session, conn: ConnMessage, signal: AbortSignal): Promise<void> {
    const { connections, settings, logger } = this.#options;
    requirePeer(conn.node, session);
    if (!connections.prevails({ peer: session.peer, dialled: false, incarnation: conn.node.incarnation })) {
      throw duplicate();
    }
    if (connections.isFull(session.peer, conn.recovery)) {
      logger.info('direct.refused', { peer: session.peer, limit: settings.directConnections });
      await this.#refuse(session, signal);
      return;
    }
    const answer = session.send(encodeMessage(this.#conn(session, conn.recovery)));
    this.#connect(session, conn, false);
    await answer;
  }

  /** Says FULL. The other side may hang up as soon as it has read that, or never read it: neither is a failure of ours. */
  async #refuse(session: Session, signal: AbortSignal): Promise<void> {
    const { clock, settings, logger } = this.#options;
    const late = () => new KernelError('ERR_LIMIT', 'a node that was refused did not take the word');
    try {
      await withDeadline(clock, settings.handshakeMs, late, signal, async () => {
        await session.send(encodeMessage(this.#full(session.peer)));
        await session.close();
      });
    } catch (error) {
      logger.debug('direct.refusal_untold', { peer: session.peer, code: errorCode(error) });
      session.abort(toError(error));
    }
  }

  async #introduce(
    session: Session,
    target: Address,
    { recovery, expected, signal }: ConnectOptions & { readonly signal: AbortSignal },
  ): Promise<DirectConnection> {
    const { connections } = this.#options;
    const { peer } = session;
    if (expected !== undefined && peer !== expected) {
      throw new KernelError('ERR_PEER_MISMATCH', `${target} is now node ${peer}, not ${expected}`);
    }
    const meanwhile = connections.get(peer);
    // Healing wants any connection: one that came while we dialled is not exchanged for another.
    if (recovery && meanwhile !== undefined) return abandon(session, meanwhile);
    const opened = await this.#exchange(session, recovery, signal).catch((error: unknown) => {
      // The other side may have found, as we will, that the connection it dialled meanwhile stays.
      const other = connections.get(peer);
      if (other === undefined || signal.aborted) throw error;
      return abandon(session, other);
    });
    if (opened instanceof DirectConnection) return opened;
    signal.throwIfAborted();
    const { message } = opened;
    if (message.type === 'FULL') throw refusedBy(peer, message);
    if (message.type !== 'CONN') throw new KernelError('ERR_MESSAGE', `${message.type} in answer to CONN`);
    requirePeer(message.node, session);
    const existing = connections.get(peer);
    const { incarnation } = message.node;
    if (existing === undefined || connections.prevails({ peer, dialled: true, incarnation })) {
      return this.#connect(opened.session, message, true);
    }
    return abandon(session, existing);
  }

  /** Says CONN and reads what the other side says to that. */
  async #exchange(session: Session, recovery: boolean, signal: AbortSignal): Promise<OpenedSession> {
    const { clock, settings } = this.#options;
    const timeoutMs = settings.handshakeMs;
    const late = () => new KernelError('ERR_HANDSHAKE_TIMEOUT', `the peer took no CONN for ${timeoutMs} ms`);
    const conn = encodeMessage(this.#conn(session, recovery));
    await withDeadline(clock, timeoutMs, late, signal, () => session.send(conn));
    return readFirstMessage(session, { clock, timeoutMs, signal });
  }

  #connect(session: Session, conn: ConnMessage, dialled: boolean): DirectConnection {
    const { clock, pace, settings, logger, connections, onMessage, onEnd } = this.#options;
    const record = fillAddress(conn.node, session.remote, this.#options.self.addressForm);
    const { user, features } = conn;
    const connection = new DirectConnection({
      session,
      dialled,
      record,
      user,
      features,
      news: this.#news,
      clock,
      pace,
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
      features: FEATURES,
    };
  }

  #full(peer: NodeId): FullMessage {
    const alternatives: NodeRecord[] = [];
    for (const record of this.#options.alternatives(peer)) {
      if (alternatives.push(record) === ALTERNATIVES) break;
    }
    return { type: 'FULL', alternatives };
  }
}

/** The session is of no use, since another connection stays. */
function abandon(session: Session, stays: DirectConnection): DirectConnection {
  session.abort(duplicate());
  return stays;
}

function duplicate(): KernelError {
  return new KernelError('ERR_DUPLICATE_CONNECTION', 'another connection between the same two nodes stays');
}

function refusedBy(peer: NodeId, { alternatives }: FullMessage): KernelError {
  const addresses = alternatives.map(({ address }) => address).filter((address) => address !== '');
  const hint = addresses.length > 0 ? `; try ${addresses.join(' or ')}` : '';
  return new KernelError('ERR_FULL', `node ${peer} has as many direct connections as it allows${hint}`);
}
