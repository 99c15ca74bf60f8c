import { errorCode, type Clock, type Logger, type NodeId, type Random, type Settings } from '../../kernel/index.ts';
import { BackgroundTasks } from '../background.ts';
import type { NodeRecord } from '../records.ts';
import type { DialBudget } from './dial-budget.ts';
import type { DirectConnection } from './direct-connection.ts';
import type { DirectConnections } from './direct-connections.ts';
import type { Membership } from './membership.ts';
import { CATCH_UP_MS, type OwnPace } from './own-pace.ts';
import type { SignsOfLife } from './signs-of-life.ts';

/** Shares of `deadMs` that a neighbour may be silent until it is asked over another connection, until all are asked about it, and until others are looked for in its place. */
const ASK_SHARE = 0.35;
const SUSPECT_SHARE = 0.5;
const REPLACE_SHARE = 0.6;

/** Whom a node connects to in place of a neighbour that is about to be given up: of those it named, and of all others, who may not have died with it. */
const OF_ITS_NEIGHBOURS = 2;
const OF_ALL_OTHERS = 2;

/** Questions to one neighbour at once: one that began while nothing got through is answered later than one that begins when something does. */
const MAX_QUESTIONS = 3;

export interface WatchOptions {
  readonly clock: Clock;
  readonly pace: OwnPace;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'deadMs'>;
  readonly membership: Membership;
  readonly connections: DirectConnections;
  readonly signs: SignsOfLife;
  readonly budget: DialBudget;
  readonly isSuspected: (id: NodeId) => boolean;
  /** Makes a direct connection. */
  readonly connect: (record: NodeRecord) => Promise<void>;
  /** Resolves where the node proves that it is there. */
  readonly ping: (record: NodeRecord) => Promise<void>;
  /** Nothing was heard of a neighbour since this time, by the clock. */
  readonly onSilent: (record: NodeRecord, since: number) => void;
}

/** Watches neighbours that are silent, before their time is over: asks them, asks about them, and sees that nothing falls apart with them. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #tasks: BackgroundTasks;
  /** Questions that are not answered yet. */
  readonly #open = new Map<NodeId, number>();
  readonly #replaced = new WeakSet<DirectConnection>();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#tasks = new BackgroundTasks(options.logger);
  }

  /** Whether nothing was heard on a connection for so long that its peer may be dead. */
  isQuiet(connection: DirectConnection): boolean {
    return this.#isSilentFor(SUSPECT_SHARE, connection);
  }

  /** Whether nothing was heard on a connection for so long that its peer is asked over another. */
  isOverdue(connection: DirectConnection): boolean {
    return this.#isSilentFor(ASK_SHARE, connection);
  }

  /** Whether a neighbour gave a sign of life, in whatever session, so lately that it is named to others as one that we hear. */
  isHeard({ peer, lastHeard }: DirectConnection): boolean {
    const { clock, pace, settings, signs } = this.#options;
    const heardAt = Math.max(lastHeard, signs.heardAt(peer));
    // What is read after a stop may have come long before.
    const isFresh = heardAt > pace.runningSince + CATCH_UP_MS;
    return isFresh && clock.now() - heardAt < SUSPECT_SHARE * settings.deadMs;
  }

  /** Whether a neighbour has said of a node, in a heartbeat of late, that it hears it, and may be right. */
  isHeardOf(id: NodeId): boolean {
    const { clock, settings, connections, signs } = this.#options;
    return !signs.isMute(id) && connections.isNamed(id, clock.now() - ASK_SHARE * settings.deadMs);
  }

  /** Called with each heartbeat for each neighbour, those that are missed included. */
  look(connection: DirectConnection): void {
    const { clock, pace, settings, membership, signs, onSilent } = this.#options;
    const { peer, lastHeard } = connection;
    const member = membership.get(peer);
    const since = Math.max(lastHeard, signs.heardAt(peer), pace.runningSince);
    const share = (clock.now() - since) / settings.deadMs;
    if (member?.alive !== true || share < ASK_SHARE) return;
    this.#ask(member.record);
    if (share >= SUSPECT_SHARE) onSilent(member.record, since);
    if (share >= REPLACE_SHARE) this.#replace(connection);
  }

  /** Connects to a node, if it is there. */
  reach(record: NodeRecord): void {
    const { connect, logger } = this.#options;
    const { id: peer, address } = record;
    const reached = connect(record).then(
      () => logger.info('heal.connected', { peer }),
      (error: unknown) => logger.debug('heal.dial_failed', { peer, address, code: errorCode(error) }),
    );
    this.#tasks.run('heal.dial_failed', reached, { peer });
  }

  /** Resolves when nobody is being asked any more; the node was closed before. */
  async close(): Promise<void> {
    await this.#tasks.settled();
  }

  /** Whether nothing was heard on a connection for such a share of `deadMs`. */
  #isSilentFor(share: number, { lastHeard }: DirectConnection): boolean {
    const { clock, settings } = this.#options;
    return clock.now() - lastHeard >= share * settings.deadMs;
  }

  /** Whether a node lives, by a session of its own. */
  #ask(record: NodeRecord): void {
    const { ping, signs, budget, logger } = this.#options;
    const { id: peer, address } = record;
    const open = this.#open.get(peer) ?? 0;
    if (open === MAX_QUESTIONS || address === '' || !budget.takeSpare()) return;
    this.#open.set(peer, open + 1);
    const asked = ping(record)
      .then(
        () => signs.heard(peer),
        (error: unknown) => logger.debug('peer.silent', { peer, address, code: errorCode(error) }),
      )
      .finally(() => this.#answered(peer));
    this.#tasks.run('peer.silent', asked, { peer });
  }

  #answered(peer: NodeId): void {
    const open = this.#open.get(peer) ?? 0;
    if (open <= 1) this.#open.delete(peer);
    else this.#open.set(peer, open - 1);
  }

  /** Where many die at once, those that healing will turn to may be among them: others are there by then. */
  #replace(connection: DirectConnection): void {
    if (this.#replaced.has(connection)) return;
    this.#replaced.add(connection);
    const { membership, random, budget } = this.#options;
    const named = (connection.lastHeartbeat ?? []).map(({ id }) => membership.get(id)?.record);
    const all = membership.alive();
    const first = Math.floor(random.fraction() * all.length);
    const others = [...all.slice(first), ...all.slice(0, first)];
    const chosen = new Set([
      ...this.#candidates(named, connection.peer).slice(0, OF_ITS_NEIGHBOURS),
      ...this.#candidates(others, connection.peer).slice(0, OF_ALL_OTHERS),
    ]);
    for (const record of chosen) if (budget.take()) this.reach(record);
  }

  #candidates(records: readonly (NodeRecord | undefined)[], except: NodeId): NodeRecord[] {
    const { membership, connections, isSuspected } = this.#options;
    return records
      .filter((record) => record !== undefined)
      .filter(({ id, address }) => id !== except && address !== '' && membership.isAlive(id))
      .filter(({ id }) => connections.get(id) === undefined && !isSuspected(id));
  }
}
