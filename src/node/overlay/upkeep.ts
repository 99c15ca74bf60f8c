import type { Clock, Logger, NodeId, Random, Settings } from '../../kernel/index.ts';
import { BackgroundTasks } from '../background.ts';
import { encodeMessage } from '../messages/codec.ts';
import type { NodeRecord } from '../records.ts';
import { AbsentPeers } from './absent-peers.ts';
import type { DialBudget } from './dial-budget.ts';
import type { DirectConnection, DirectEnd } from './direct-connection.ts';
import type { DirectConnections } from './direct-connections.ts';
import { Healer } from './healer.ts';
import type { KnownPeers } from './known-peers.ts';
import type { Membership } from './membership.ts';
import { MissingPeers } from './missing-peers.ts';
import type { OwnPace } from './own-pace.ts';
import { Prober } from './prober.ts';
import type { SelfRecord } from './self-record.ts';
import { SignsOfLife } from './signs-of-life.ts';
import { Suspicions } from './suspicions.ts';
import { Watch } from './watch.ts';

/** How many of those who hear of a suspicion try for themselves: SWIM's indirect probes, of which three make a false alarm rare. */
const HELPERS = 3;

export interface UpkeepOptions {
  readonly self: SelfRecord;
  readonly clock: Clock;
  readonly pace: OwnPace;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly membership: Membership;
  readonly connections: DirectConnections;
  /** Ids, best neighbour first. */
  readonly ranked: Iterable<NodeId>;
  readonly knownPeers: KnownPeers;
  readonly budget: DialBudget;
  readonly signal: AbortSignal;
  /** Makes a direct connection, as healing does. */
  readonly connect: (record: NodeRecord) => Promise<void>;
  /** Resolves where the node proves that it is there; one that is suspected is told so. */
  readonly ping: (record: NodeRecord, isSuspected: boolean) => Promise<void>;
  readonly gossip: { declareLeft(record: NodeRecord): void; suspect(record: NodeRecord): void; settleDisputes(): void };
}

/**
 * Keeps the network in one piece and its members true: finds out who is gone, by asking others before it says so, connects those whom a
 * loss left apart, and looks for those who are not there.
 */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #tasks: BackgroundTasks;
  readonly #signs: SignsOfLife;
  readonly #suspicions: Suspicions;
  readonly #missing: MissingPeers;
  readonly #healer: Healer;
  readonly #prober: Prober;
  readonly #absent: AbsentPeers;
  readonly #watch: Watch;
  #hasNewMembers = false;

  constructor(options: UpkeepOptions) {
    const { clock, settings, connect } = options;
    const ping = (record: NodeRecord) => options.ping(record, this.#suspicions.has(record.id));
    this.#options = options;
    this.#tasks = new BackgroundTasks(options.logger);
    this.#signs = new SignsOfLife({ clock, settings });
    this.#suspicions = new Suspicions({ clock, onConfirmed: (...what) => this.#confirmed(...what) });
    this.#missing = new MissingPeers({ clock, settings, onGone: (connection) => this.#foundGone(connection) });
    this.#healer = new Healer({
      ...options,
      dial: connect,
      onDoubted: (record, since) => this.#suspect(record, since),
      onUnreachable: (record) => this.#unreachable(record),
    });
    this.#prober = new Prober({
      ...options,
      ping,
      signs: this.#signs,
      isPursued: ({ id }) => this.#healer.isPursued(id) || this.#missing.has(id) || this.#suspicions.has(id),
      onUnreachable: (record, since) => this.#suspect(record, since),
    });
    this.#absent = new AbsentPeers(options);
    this.#watch = new Watch({
      ...options,
      ping,
      signs: this.#signs,
      isSuspected: (id) => this.#suspicions.has(id),
      onSilent: (record, since) => this.#suspect(record, since),
    });
  }

  /** Looks for the nodes of the last run. */
  async start(): Promise<void> {
    const remembered = await this.#options.knownPeers.recent();
    this.#options.signal.throwIfAborted();
    this.#absent.remembered(remembered.map(({ id, address }) => ({ id, address, incarnation: 1 })));
  }

  /** Called with each heartbeat. */
  beat(): void {
    const { connections, knownPeers, membership, gossip } = this.#options;
    for (const { peer, lastHeard, lastHeartbeat = [] } of connections) {
      this.#signs.heard(peer, lastHeard);
      for (const { id } of lastHeartbeat) this.#signs.vouched(id, lastHeard);
    }
    for (const connection of [...connections, ...this.#missing.connections]) this.#watch.look(connection);
    this.#prober.beat();
    this.#absent.beat();
    gossip.settleDisputes();
    if (!this.#hasNewMembers) return;
    this.#hasNewMembers = false;
    const remembered = knownPeers.rememberAll(membership.alive(), (id) => membership.isAlive(id));
    this.#tasks.run('peer.not_remembered', remembered);
  }

  /** Whether a neighbour gave a sign of life of late, so that it is named to others as one that we hear. */
  isHeard(connection: DirectConnection): boolean {
    return this.#watch.isHeard(connection);
  }

  /** Whether a neighbour says that it hears a node. */
  isHeardOf(id: NodeId): boolean {
    return this.#watch.isHeardOf(id);
  }

  /** There is a new direct connection. */
  connected(connection: DirectConnection): void {
    const { peer, record } = connection;
    this.#missing.take(peer);
    this.#signs.heard(peer);
    if (this.#suspicions.has(peer)) this.#tell(connection, record);
    this.#tasks.run('peer.not_remembered', this.#options.knownPeers.remember(record), { peer });
  }

  /** A direct connection has ended. */
  ended(how: DirectEnd, connection: DirectConnection): void {
    if (how === 'bye') this.#heal(connection, connection.record);
    else if (how === 'silent') this.#fellSilent(connection);
    else if (how === 'lost') this.#lost(connection);
    else this.#healer.ensureConnected();
  }

  /** A node is there. */
  joined({ id }: NodeRecord): void {
    this.#hasNewMembers = true;
    this.#absent.remove(id);
    this.#signs.enter(id);
  }

  /** A node said by way of others that it is there. */
  updated({ id }: NodeRecord): void {
    if (this.#suspicions.has(id)) this.#signs.answered(id);
    else this.#signs.heard(id);
    this.#suspicions.clear(id);
  }

  /** A node is gone. */
  left(record: NodeRecord): void {
    this.#suspicions.clear(record.id);
    this.#signs.forget(record.id);
    this.#absent.add(record);
    // Others know already what became of a neighbour that we still miss.
    const missed = this.#missing.take(record.id);
    if (missed !== undefined) this.#heal(missed, record);
  }

  /** Somebody could not reach a node; whether that is news, and we know no better. Some of those who hear of it try for themselves. */
  suspected(record: NodeRecord): boolean {
    const { connections, membership, settings, random, budget } = this.#options;
    const connection = connections.get(record.id);
    if (connection !== undefined && !this.#watch.isQuiet(connection)) return false;
    if (!this.#suspicions.raise(record, settings.deadMs, false)) return false;
    const isHelper = connection === undefined && random.fraction() * membership.alive().length < HELPERS;
    // Whoever reaches it tells it of the suspicion, which it can then refute to us too.
    if (isHelper && budget.takeSpare()) this.#watch.reach(record);
    return true;
  }

  /** Ends all that goes on; the signal was aborted before. */
  async close(): Promise<void> {
    this.#missing.clear();
    this.#suspicions.close();
    const parts = [this.#healer, this.#prober, this.#absent, this.#watch];
    await Promise.all([...parts.map((part) => part.close()), this.#tasks.settled()]);
  }

  /** Nobody has heard of a node since this time: who knows better may say so until the time of silence is over. */
  #suspect(record: NodeRecord, since: number): void {
    const { clock, settings, gossip, logger, membership } = this.#options;
    if (!membership.isAlive(record.id)) return;
    const withinMs = Math.max(0, since + settings.deadMs - clock.now());
    if (!this.#suspicions.raise(record, withinMs, true)) return;
    logger.info('peer.suspected', { peer: record.id, address: record.address });
    gossip.suspect(record);
  }

  /** Nobody refuted a suspicion in time. */
  #confirmed(record: NodeRecord, isOwn: boolean): void {
    const { connections, settings, gossip, pace } = this.#options;
    const connection = connections.get(record.id);
    if (connection !== undefined) {
      // A neighbour has its own time. Where it lives, only it can tell those who think otherwise.
      this.#tell(connection, record);
    } else if (this.#missing.has(record.id) || pace.graceMs > 0) {
      this.#suspicions.raise(record, settings.deadMs, isOwn);
    } else if (isOwn && this.#isInTouch && !this.#livesElsewhere(record.id, -Infinity)) {
      gossip.declareLeft(record);
    } else {
      this.#tasks.run('peer.silent', this.#verify(record), { peer: record.id });
    }
  }

  /**
   * Those who found it silent say nothing more, as they would if it were dead: a node that has only heard of it asks it itself. So does one that
   * is out of touch: nobody heard its question.
   */
  async #verify(record: NodeRecord): Promise<void> {
    const { ping, budget, connections, gossip, signal } = this.#options;
    if (!budget.takeSpare()) return;
    const isThere = await ping(record, true).then(
      () => true,
      () => false,
    );
    if (isThere) this.#signs.heard(record.id);
    else if (!signal.aborted && connections.get(record.id) === undefined && !this.isHeardOf(record.id))
      gossip.declareLeft(record);
  }

  /** Whether whoever knows better could have said so: some neighbour was heard of late, or none is left that might be. */
  get #isInTouch(): boolean {
    const neighbours = [...this.#options.connections, ...this.#missing.connections];
    return neighbours.length === 0 || neighbours.some((connection) => !this.#watch.isOverdue(connection));
  }

  #tell(connection: DirectConnection, suspected: NodeRecord): void {
    connection.send([encodeMessage({ type: 'SUSP', nodes: [suspected] })]);
  }

  #unreachable(record: NodeRecord): void {
    const doubtsItself = this.#options.pace.graceMs > 0;
    if (!doubtsItself && !this.#livesElsewhere(record.id, -Infinity)) this.#options.gossip.declareLeft(record);
  }

  /** A connection was lost though nobody said goodbye: whoever dialled it tries again until the silence has lasted too long. */
  #lost(connection: DirectConnection): void {
    this.#missing.add(connection);
    if (connection.dialled) this.#redial(connection);
  }

  /** Nothing went over a connection for too long. If its peer lives, it is the connection that is dead. */
  #fellSilent(connection: DirectConnection): void {
    const { peer, lastHeard } = connection;
    if (!this.#livesElsewhere(peer, lastHeard)) {
      this.#heal(connection, this.#latest(connection));
      return;
    }
    this.#missing.add(connection, this.#signs.heardAt(peer));
    this.#redial(connection);
  }

  /** A neighbour that was missed was not reached in time. */
  #foundGone(connection: DirectConnection): void {
    const { peer, lastHeard, isReportedGone } = connection;
    const { clock, pace, settings } = this.#options;
    if (pace.graceMs > 0 && !isReportedGone)
      this.#missing.add(connection, clock.now() + pace.graceMs - settings.deadMs);
    else if (this.#livesElsewhere(peer, lastHeard)) this.#healer.ensureConnected();
    else this.#heal(connection, this.#latest(connection));
  }

  /** What is known of a peer now: it may have refuted what was said of it since. */
  #latest({ peer, record }: DirectConnection): NodeRecord {
    return this.#options.membership.get(peer)?.record ?? record;
  }

  #redial({ peer, record }: DirectConnection): void {
    this.#healer.redial(record, () => this.#missing.has(peer));
  }

  /** Whether a node gave us a sign of life after a time by the clock, and since the dead are found out, or gives others some. */
  #livesElsewhere(id: NodeId, after: number): boolean {
    const { clock, settings } = this.#options;
    const heardAt = this.#signs.heardAt(id);
    return (heardAt > after && heardAt + settings.deadMs > clock.now()) || this.isHeardOf(id);
  }

  #heal({ lastHeartbeat = [] }: DirectConnection, gone: NodeRecord): void {
    this.#options.gossip.declareLeft(gone);
    this.#healer.heal(gone, lastHeartbeat);
  }
}
