import {
  errorCode,
  toError,
  type Clock,
  type Logger,
  type NodeId,
  type Random,
  type Settings,
} from '../../kernel/index.ts';
import { sleep } from '../../kit/sleep.ts';
import { BackgroundTasks } from '../background.ts';
import type { NodeRecord } from '../records.ts';
import type { DialBudget } from './dial-budget.ts';
import type { DirectConnections } from './direct-connections.ts';
import { dialsFirst } from './healing.ts';
import type { Membership } from './membership.ts';
import type { SelfRecord } from './self-record.ts';

/** Absent nodes remembered, and for how long: as long as the news that they left. */
const MAX_ABSENT = 256;
const REMEMBER_MS = 24 * 60 * 60 * 1000;

/** Nodes dialled at the start, and at once by a node without any neighbour. */
const FIRST_DIALS = 16;
const DIALS_ALONE = 3;

/** The bounds between attempts double up to these; who is alone has nothing better to do. */
const MAX_INTERVAL_MS = 10 * 60_000;
const MAX_INTERVAL_ALONE_MS = 30_000;
/** Heartbeats between two attempts of a node that has neighbours, whomever they are for. */
const BEATS_BETWEEN = 4;

interface Absence {
  readonly record: NodeRecord;
  readonly since: number;
  attempts: number;
  triedAt: number;
  /** Share of the interval that is waited, drawn anew for each. */
  share: number;
}

export interface AbsentPeersOptions {
  readonly self: SelfRecord;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'heartbeatMs' | 'dialFallbackMs'>;
  readonly membership: Membership;
  readonly connections: DirectConnections;
  readonly budget: DialBudget;
  readonly signal: AbortSignal;
  /** Makes a direct connection. */
  readonly connect: (record: NodeRecord) => Promise<void>;
}

/**
 * Nodes that were there and are not: those declared gone, and those remembered from the last run. Each is dialled again, ever more rarely,
 * since maybe it was not the node that failed but the way to it. Neither side of a network that fell apart can know that it is one; so
 * both go on to ask, and one answer joins them. After Serf's reconnect: the more nodes there are to ask, the more rarely each one does, so
 * that a dead node is dialled at a rate that does not grow with the network.
 */
export class AbsentPeers {
  readonly #options: AbsentPeersOptions;
  readonly #tasks: BackgroundTasks;
  /** Who left first stands first. */
  readonly #absent = new Map<NodeId, Absence>();
  readonly #dialling = new Set<NodeId>();
  #nextAt = -Infinity;

  constructor(options: AbsentPeersOptions) {
    this.#options = options;
    this.#tasks = new BackgroundTasks(options.logger);
  }

  /** Dials the latest of the nodes remembered from the last run at once, and all of them again while they are not there. Latest first. */
  remembered(records: readonly NodeRecord[]): void {
    for (const record of [...records].reverse()) this.add(record);
    for (const { id } of records.slice(0, FIRST_DIALS)) {
      const absence = this.#absent.get(id);
      if (absence !== undefined) this.#try(absence, 0);
    }
  }

  /** A node is gone. */
  add(record: NodeRecord): void {
    const { clock, random } = this.#options;
    if (record.address === '') return;
    this.#absent.delete(record.id);
    const now = clock.now();
    this.#absent.set(record.id, { record, since: now, attempts: 0, triedAt: now, share: random.fraction() });
    const [first] = this.#absent.keys();
    if (this.#absent.size > MAX_ABSENT && first !== undefined) this.#absent.delete(first);
  }

  /** A node is there. */
  remove(id: NodeId): void {
    this.#absent.delete(id);
  }

  /** Called with each heartbeat: dials whoever's time has come. */
  beat(): void {
    const { clock, connections, settings, self } = this.#options;
    const now = clock.now();
    const isAlone = connections.size === 0;
    if (!isAlone && (now < this.#nextAt || this.#dialling.size > 0)) return;
    const places = isAlone ? DIALS_ALONE - this.#dialling.size : 1;
    for (const absence of this.#due(isAlone).slice(0, Math.max(0, places))) {
      this.#nextAt = now + BEATS_BETWEEN * settings.heartbeatMs;
      const { record } = absence;
      this.#try(absence, dialsFirst(self.recordFor(record.address), record) ? 0 : settings.dialFallbackMs);
    }
  }

  /** Resolves when nothing is being dialled any more; the signal was aborted before. */
  async close(): Promise<void> {
    await this.#tasks.settled();
  }

  /** Those whose time has come, the one that waits longest first. */
  #due(isAlone: boolean): Absence[] {
    const { clock, settings, membership, connections } = this.#options;
    const now = clock.now();
    for (const [id, { since }] of this.#absent) if (now - since > REMEMBER_MS) this.#absent.delete(id);
    if (this.#absent.size === 0) return [];
    const sharers = isAlone ? 1 : Math.max(1, membership.alive().length);
    const longestMs = isAlone ? MAX_INTERVAL_ALONE_MS : MAX_INTERVAL_MS;
    const dueAt = ({ triedAt, share, attempts }: Absence) =>
      triedAt + share * Math.min(longestMs, 2 * settings.heartbeatMs * sharers * 2 ** attempts);
    return [...this.#absent.values()]
      .filter((absence) => dueAt(absence) <= now)
      .filter(({ record: { id } }) => !this.#dialling.has(id) && connections.get(id) === undefined)
      .sort((a, b) => a.triedAt - b.triedAt);
  }

  #try(absence: Absence, delayMs: number): void {
    const { id } = absence.record;
    this.#dialling.add(id);
    const dialled = this.#dial(absence, delayMs).finally(() => this.#dialling.delete(id));
    this.#tasks.run('rejoin.failed', dialled, { peer: id });
  }

  async #dial(absence: Absence, delayMs: number): Promise<void> {
    const { clock, random, budget, connect, connections, logger, signal } = this.#options;
    const { record } = absence;
    if (delayMs > 0 && !(await sleep(clock, delayMs, signal))) return;
    if (connections.get(record.id) !== undefined || !this.#absent.has(record.id)) return;
    // Who is alone has nothing else to spend the budget on.
    if (!(connections.size === 0 ? budget.take() : budget.takeSpare())) return;
    try {
      await connect(record);
      logger.info('rejoin.connected', { peer: record.id, address: record.address });
    } catch (thrown) {
      const { id: peer, address } = record;
      const level = absence.attempts === 0 ? 'info' : 'debug';
      logger[level]('rejoin.failed', { peer, address, code: errorCode(thrown), reason: toError(thrown).message });
    }
    absence.attempts += 1;
    absence.triedAt = clock.now();
    absence.share = 0.5 + random.fraction() / 2;
  }
}
