import { errorCode, toError, type Clock, type Logger, type NodeId, type Settings } from '../../kernel/index.ts';
import { sleep } from '../../kit/sleep.ts';
import { BackgroundTasks } from '../background.ts';
import type { NodeRecord } from '../records.ts';
import type { DialBudget } from './dial-budget.ts';
import type { DirectConnections } from './direct-connections.ts';
import { planHealing } from './healing.ts';
import type { Membership } from './membership.ts';
import type { SelfRecord } from './self-record.ts';

/** Nodes dialled at once by a node that lost its last neighbour. */
const RESCUE_DIALS = 3;

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
  /** A node that should be there did not answer for as long as it takes a silent neighbour to be dead. If it lives, it will say so. */
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
    const { connections, membership, ranked } = this.#options;
    if (connections.size > 0) return;
    let dials = this.#pursued.size;
    for (const id of ranked) {
      if (dials >= RESCUE_DIALS) return;
      const record = membership.get(id)?.record;
      if (record === undefined || this.#pursued.has(id)) continue;
      this.#pursue(record, 0);
      dials += 1;
    }
  }

  /** Tries again and again to reach a neighbour whose connection was lost, while that is wanted. */
  redial(record: NodeRecord, wanted: () => boolean): void {
    this.#tasks.run('heal.redial_failed', this.#redial(record, wanted), { peer: record.id });
  }

  /** Dials once; a failure is only logged. */
  tryOnce(record: NodeRecord): void {
    this.#tasks.run('rejoin.failed', this.#options.dial(record), { peer: record.id, address: record.address });
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

  async #pursueUntilDecided(record: NodeRecord, delayMs: number): Promise<void> {
    const { clock, settings, signal, membership, onUnreachable } = this.#options;
    const deadline = clock.now() + delayMs + settings.deadMs;
    if (!(await this.#pause(delayMs))) return;
    while (this.#isWanted(record.id)) {
      const outcome = await this.#attempt(membership.get(record.id)?.record ?? record);
      if (outcome === 'done' || signal.aborted) return;
      if (clock.now() >= deadline) {
        if (outcome === 'unreachable' && this.#isWanted(record.id))
          onUnreachable(membership.get(record.id)?.record ?? record);
        return;
      }
      if (!(await this.#pause(settings.heartbeatMs))) return;
    }
  }

  async #redial(record: NodeRecord, wanted: () => boolean): Promise<void> {
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
    const { budget, dial, logger } = this.#options;
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
      // A node that is full is alive, and connected to as many as it wants.
      return code === 'ERR_FULL' ? 'done' : 'unreachable';
    }
  }

  /** Waits; false where the node was closed meanwhile. */
  async #pause(ms: number): Promise<boolean> {
    const { clock, signal } = this.#options;
    return sleep(clock, ms, signal);
  }
}
