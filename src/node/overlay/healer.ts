import { errorCode, toError, type Clock, type Logger, type NodeId, type Settings } from '../../kernel/index.ts';
import { sleep } from '../../kit/sleep.ts';
import { BackgroundTasks } from '../background.ts';
import type { NodeRecord } from '../records.ts';
import type { DialBudget } from './dial-budget.ts';
import type { DirectConnections } from './direct-connections.ts';
import { planHealing } from './healing.ts';
import type { Membership } from './membership.ts';
import type { SelfRecord } from './self-record.ts';

/** Nodes dialled at once by a node that lost its last neighbour, or whose healing met a second loss. */
const RESCUE_DIALS = 3;

/** How long the other side has to tell us that a connection replaced the one lost, before we dial. */
const REDIAL_PAUSE_MS = 200;

export interface HealerOptions {
  readonly self: SelfRecord;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly membership: Membership;
  readonly connections: DirectConnections;
  /** Ids, best neighbour first. */
  readonly ranked: Iterable<NodeId>;
  readonly budget: DialBudget;
  readonly signal: AbortSignal;
  readonly dial: (record: NodeRecord) => Promise<void>;
  /** A node that should be there does not answer since this time, by the clock: others may know better. */
  readonly onDoubted: (record: NodeRecord, since: number) => void;
  /** It has not answered for as long as it takes a silent neighbour to be dead. */
  readonly onUnreachable: (record: NodeRecord) => void;
}

/** Connects those whom the loss of a node left apart. */
export class Healer {
  readonly #options: HealerOptions;
  readonly #tasks: BackgroundTasks;
  readonly #pursued = new Set<NodeId>();

  constructor(options: HealerOptions) {
    this.#options = options;
    this.#tasks = new BackgroundTasks(options.logger);
  }

  /** A neighbour is gone; `survivors` are its direct connections as its last heartbeat named them. */
  heal(gone: NodeRecord, survivors: readonly NodeRecord[]): void {
    const { self, connections, ranked, settings, membership, logger } = this.#options;
    const others = survivors.filter(({ id }) => id !== gone.id && membership.get(id)?.alive !== false);
    const plan = planHealing({
      self: self.recordFor(gone.address),
      survivors: others,
      isConnected: (id) => connections.get(id) !== undefined,
      ranked,
      limit: settings.healConnections,
    });
    logger.info('heal.planned', {
      gone: gone.id,
      dials: plan.filter(({ first }) => first).length,
      waits: plan.filter(({ first }) => !first).length,
    });
    for (const { target, first } of plan) this.#pursue(target, first ? 0 : settings.dialFallbackMs);
    this.ensureConnected();
  }

  /** A node without any neighbour looks for one among all it knows. */
  ensureConnected(): void {
    if (this.#options.connections.size === 0) this.#reachOut();
  }

  /** Whether a node is being dialled until it is reached or found to be gone. */
  isPursued(id: NodeId): boolean {
    return this.#pursued.has(id);
  }

  /** Tries again and again to reach a neighbour whose connection was lost, while that is wanted. */
  redial(record: NodeRecord, wanted: () => boolean): void {
    this.#tasks.run('heal.redial_failed', this.#redial(record, wanted), { peer: record.id });
  }

  /** Resolves when nothing is being dialled any more; the signal was aborted before. */
  async close(): Promise<void> {
    await this.#tasks.settled();
  }

  #pursue(record: NodeRecord, delayMs: number): void {
    if (this.#pursued.has(record.id)) return;
    this.#pursued.add(record.id);
    const work = this.#pursueUntilDecided(record, delayMs).finally(() => {
      this.#pursued.delete(record.id);
      if (!this.#options.signal.aborted) this.ensureConnected();
    });
    this.#tasks.run('heal.failed', work, { peer: record.id });
  }

  /** Dials the best-placed of those we know and are not connected to; who cannot be reached either leads to the next. */
  #reachOut(): void {
    const { connections, membership, ranked } = this.#options;
    for (const id of ranked) {
      if (this.#pursued.size >= RESCUE_DIALS) return;
      const member = membership.get(id);
      if (member?.alive !== true || this.#pursued.has(id) || connections.get(id) !== undefined) continue;
      this.#pursue(member.record, 0);
    }
  }

  async #pursueUntilDecided(record: NodeRecord, delayMs: number): Promise<void> {
    const { clock, settings, membership } = this.#options;
    if (!(await this.#pause(delayMs))) return;
    let failingSince: number | undefined;
    while (this.#isWanted(record.id)) {
      const known = membership.get(record.id)?.record ?? record;
      const startedAt = clock.now();
      const outcome = await this.#attempt(known);
      if (outcome === 'done') return;
      if (outcome === 'unreachable') {
        failingSince ??= startedAt;
        this.#options.onDoubted(known, failingSince);
        if (clock.now() >= failingSince + settings.deadMs) {
          this.#giveUp(known);
          return;
        }
      }
      if (!(await this.#pause(settings.heartbeatMs))) return;
    }
  }

  /** Nobody answers where a node should be: it is gone too, and so may be whoever was behind it, or the way to them. */
  #giveUp(record: NodeRecord): void {
    if (!this.#isWanted(record.id)) return;
    this.#pursued.delete(record.id);
    this.#options.onUnreachable(record);
    this.#reachOut();
  }

  async #redial(record: NodeRecord, wanted: () => boolean): Promise<void> {
    if (!(await this.#pause(REDIAL_PAUSE_MS))) return;
    while (wanted() && this.#isWanted(record.id)) {
      const outcome = await this.#attempt(record);
      if (outcome === 'done' || !(await this.#pause(this.#options.settings.heartbeatMs))) return;
    }
  }

  #isWanted(id: NodeId): boolean {
    const { connections, membership, signal } = this.#options;
    return !signal.aborted && connections.get(id) === undefined && membership.get(id)?.alive !== false;
  }

  async #attempt(record: NodeRecord): Promise<'done' | 'unreachable' | 'waiting'> {
    const { budget, connections, dial, logger } = this.#options;
    if (record.address === '') return 'unreachable';
    if (!budget.take()) return 'waiting';
    try {
      await dial(record);
      logger.info('heal.connected', { peer: record.id });
      return 'done';
    } catch (thrown) {
      const error = toError(thrown);
      const code = errorCode(error);
      logger.info('heal.dial_failed', { peer: record.id, address: record.address, code, reason: error.message });
      if (code !== 'ERR_FULL') return 'unreachable';
      // A node that is full is alive, and connected to as many as it wants. Who has nobody else goes on asking.
      return connections.size > 0 ? 'done' : 'waiting';
    }
  }

  /** Waits; false where the node was closed meanwhile. */
  async #pause(ms: number): Promise<boolean> {
    const { clock, signal } = this.#options;
    return sleep(clock, ms, signal);
  }
}
