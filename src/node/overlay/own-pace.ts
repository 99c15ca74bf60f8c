import type { Clock, Settings } from '../../kernel/index.ts';

/** In so many ms a process that goes on has read what came in while it stood still. */
export const CATCH_UP_MS = 100;

/** How late a heartbeat is at least that nobody calls late by chance; half a heartbeat where that is more. */
const STOPPED_MS = 1_000;

/**
 * Whether this node itself keeps up with the time. Who was stopped, or got no processor to run on, has heard nobody meanwhile, and that says
 * nothing about the others: it doubts itself first and gives them their whole time anew. After Lifeguard's local health (Dadgar, Phillips and
 * Currey 2018, section 4.1), measured where it shows: at a heartbeat that comes too late.
 */
export class OwnPace {
  readonly #clock: Clock;
  readonly #heartbeatMs: number;
  readonly #deadMs: number;
  #dueAt = Infinity;
  #resumedAt = -Infinity;

  constructor({
    clock,
    settings,
  }: {
    readonly clock: Clock;
    readonly settings: Pick<Settings, 'heartbeatMs' | 'deadMs'>;
  }) {
    this.#clock = clock;
    this.#heartbeatMs = settings.heartbeatMs;
    this.#deadMs = settings.deadMs;
  }

  /** A heartbeat is due in its time from now; the one before it came. */
  beat(): void {
    this.#look();
    this.#dueAt = this.#clock.now() + this.#heartbeatMs;
  }

  /** Since when the node has run without a stop, by the clock; -Infinity where it never stopped. */
  get runningSince(): number {
    this.#look();
    return this.#resumedAt;
  }

  /** For how many ms from now the node does not hold the silence of others against them; 0 where it does. */
  get graceMs(): number {
    return Math.max(0, this.runningSince + this.#deadMs - this.#clock.now());
  }

  /** Timers that were due before the heartbeat find it out as well. */
  #look(): void {
    const now = this.#clock.now();
    if (now - this.#dueAt < Math.max(STOPPED_MS, this.#heartbeatMs / 2)) return;
    this.#resumedAt = now;
    this.#dueAt = now;
  }
}
