import { errorCode, type Clock, type Logger, type Random, type Settings } from '../../kernel/index.ts';
import { BackgroundTasks } from '../background.ts';
import type { NodeRecord } from '../records.ts';
import type { DialBudget } from './dial-budget.ts';
import type { DirectConnections } from './direct-connections.ts';
import type { Membership } from './membership.ts';
import type { SignsOfLife } from './signs-of-life.ts';

/** Of all nodes together, how many begin to probe the same one at one heartbeat. */
const PROBES_A_BEAT = 1.5;
/** Heartbeats from one probe to the next: fewer after one that failed, since who is dead is seldom dead alone. */
const BEATS_BETWEEN = 5;
const BEATS_AFTER_FAILURE = 2;
/** With fewer neighbours a probe becomes a connection; with more it only asks. Four keep a random graph in one piece (Leitao et al. 2007, HyParView). */
const ENOUGH_NEIGHBOURS = 4;

export interface ProberOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'heartbeatMs'>;
  readonly membership: Membership;
  readonly connections: DirectConnections;
  readonly signs: SignsOfLife;
  readonly budget: DialBudget;
  readonly signal: AbortSignal;
  /** Whether a node is being looked for already. */
  readonly isPursued: (record: NodeRecord) => boolean;
  /** Makes a direct connection. */
  readonly connect: (record: NodeRecord) => Promise<void>;
  /** Resolves where the node proves that it is there. */
  readonly ping: (record: NodeRecord) => Promise<void>;
  /** A node could not be reached since this time, by the clock. */
  readonly onUnreachable: (record: NodeRecord, since: number) => void;
}

/**
 * Asks now and then whether a member lives of which nobody tells, drawn at random: SWIM's probe (Das, Gupta and Motivala 2002, section 3.1).
 * How often a member is asked does not depend on how many there are, nor does what it costs each of them.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #tasks: BackgroundTasks;
  #isProbing = false;
  #nextAt = -Infinity;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#tasks = new BackgroundTasks(options.logger);
  }

  /** Called with each heartbeat. */
  beat(): void {
    const { clock, connections, membership, signs, isPursued, random, budget } = this.#options;
    if (this.#isProbing || clock.now() < this.#nextAt || connections.size === 0) return;
    const alive = membership.alive();
    const overdue = alive.filter(
      (record) => connections.get(record.id) === undefined && signs.isOverdue(record.id) && !isPursued(record),
    );
    const chosen = overdue[Math.floor(random.fraction() * overdue.length)];
    if (chosen === undefined || random.fraction() * alive.length >= PROBES_A_BEAT * overdue.length) return;
    if (chosen.address !== '' && !budget.takeSpare()) return;
    this.#isProbing = true;
    this.#tasks.run('probe.failed', this.#probe(chosen), { peer: chosen.id });
  }

  /** Resolves when nothing is being asked any more; the signal was aborted before. */
  async close(): Promise<void> {
    await this.#tasks.settled();
  }

  async #probe(record: NodeRecord): Promise<void> {
    const { clock, settings, signs, signal, logger, onUnreachable } = this.#options;
    const startedAt = clock.now();
    const failure = await this.#ask(record);
    this.#isProbing = false;
    const beats = failure === undefined ? BEATS_BETWEEN : BEATS_AFTER_FAILURE;
    this.#nextAt = clock.now() + beats * settings.heartbeatMs;
    if (signal.aborted) return;
    logger.debug('probe.ended', { peer: record.id, address: record.address, code: failure });
    if (failure === undefined) signs.heard(record.id);
    else onUnreachable(record, startedAt);
  }

  /** What is wrong, as a code; nothing where the node lives. */
  async #ask(record: NodeRecord): Promise<string | undefined> {
    const { connections, connect, ping } = this.#options;
    if (record.address === '') return 'ERR_DIAL_FAILED';
    try {
      await (connections.size < ENOUGH_NEIGHBOURS ? connect(record) : ping(record));
      return undefined;
    } catch (error) {
      const code = errorCode(error);
      return code === 'ERR_FULL' ? undefined : (code ?? 'ERR_INTERNAL');
    }
  }
}
