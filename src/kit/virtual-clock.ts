import { toError, type Clock, type Timer } from '../kernel/index.ts';

interface PendingTimer {
  readonly due: number;
  /** Orders timers that are due at the same instant by when they were set. */
  readonly order: number;
  readonly callback: () => void;
}

/**
 * Timers fall due at whole ticks, a power of two of them in a millisecond: sums and differences of such times are exact. Else whoever
 * waits for what is left of a time could be left with less than a number holds, and time would stand still over it.
 */
const TICKS_PER_MS = 1_024;

/** 2025-01-01T00:00Z, so that a test which prints a date prints the same one everywhere. */
const DEFAULT_WALL_TIME = Date.UTC(2025, 0, 1);

export interface VirtualClockOptions {
  /** Milliseconds since the epoch at which the clock starts. */
  readonly wallTime?: number;
  /** What goes on outside of this thread, such as work of a real disk: time does not pass until it is over. Nothing where nothing does. */
  readonly outside?: () => Promise<void> | undefined;
}

/** Time that stands still until it is told to pass. Starts at 0; wall time runs with it. */
export class VirtualClock implements Clock {
  readonly #wallTimeAtZero: number;
  readonly #outside: (() => Promise<void> | undefined) | undefined;
  /** Sorted by (due, order), the soonest last: of many timers most that are set are due soon, and little has to be moved for them. */
  readonly #timers: PendingTimer[] = [];
  #now = 0;
  #timersSet = 0;
  #advancing = false;

  constructor(options: VirtualClockOptions = {}) {
    this.#wallTimeAtZero = options.wallTime ?? DEFAULT_WALL_TIME;
    this.#outside = options.outside;
  }

  /** Timers set and neither fired nor cancelled: a test sees with it that nothing was left behind. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#wallTimeAtZero + this.#now;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    if (Number.isNaN(delayMs)) throw new RangeError('a timer needs a delay in milliseconds, got NaN');
    const due = Math.ceil((this.#now + Math.max(0, delayMs)) * TICKS_PER_MS) / TICKS_PER_MS;
    const timer = { due, order: this.#timersSet++, callback };
    this.#timers.splice(this.#position(timer), 0, timer);
    return { cancel: () => this.#cancel(timer) };
  }

  /**
   * Lets `ms` pass: fires what falls due, in order of time and then of setting, with `now()` at the instant of each, and lets
   * promises settle before, between and after. `advance(0)` only settles. One call at a time.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`time passes forward only, got ${ms} ms`);
    if (this.#advancing) throw new Error('advance() runs already: await it before the next call');
    this.#advancing = true;
    try {
      const target = this.#now + ms;
      await this.#settle();
      while (await this.#fireSome(target)) await this.#settle();
      this.#now = target;
    } finally {
      this.#advancing = false;
    }
  }

  /** Lets everything happen that takes no time. */
  async #settle(): Promise<void> {
    await settlePromises();
    for (let over = this.#outside?.(); over !== undefined; over = this.#outside?.()) {
      await over;
      await settlePromises();
    }
  }

  /** Fires timers up to a time, and lets promises settle behind each, until none is due or something goes on outside; whether one was fired. */
  async #fireSome(target: number): Promise<boolean> {
    let isFired = false;
    await takeSteps(() => {
      const timer = this.#outside?.() === undefined ? this.#takeDue(target) : undefined;
      if (timer === undefined) return false;
      isFired = true;
      this.#now = timer.due;
      timer.callback();
      return true;
    });
    return isFired;
  }

  #takeDue(target: number): PendingTimer | undefined {
    const soonest = this.#timers.at(-1);
    return soonest !== undefined && soonest.due <= target ? this.#timers.pop() : undefined;
  }

  #cancel(timer: PendingTimer): void {
    const position = this.#position(timer);
    if (this.#timers[position] === timer) this.#timers.splice(position, 1);
  }

  /** Where a timer stands, or would stand, in the sorted list. */
  #position({ due, order }: PendingTimer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle] as PendingTimer;
      if (other.due > due || (other.due === due && other.order > order)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Steps for which one turn of the event loop has room: a turn costs more than many a step. */
const STEPS_A_TURN = 32;

/** Takes steps until one gives false, each when every chain of promises has run as far as it can. */
function takeSteps(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const take = () => {
      if (isOver) return;
      try {
        isOver = !step();
        if (isOver) resolve();
      } catch (thrown) {
        isOver = true;
        reject(toError(thrown));
      }
    };
    const takeTurn = () => {
      take();
      if (isOver) return;
      for (let steps = 1; steps < STEPS_A_TURN; steps++) whenSettled(take);
      whenSettled(takeTurn);
    };
    takeTurn();
  });
}

/** Resolves when every chain of promises has run as far as it can. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => whenSettled(resolve));
}

/** Calls back when every chain of promises has run as far as it can: microtasks all run before the next immediate, those of one turn included. */
function whenSettled(callback: () => void): void {
  // eslint-disable-next-line no-restricted-globals -- no time passes: this only yields to the event loop
  setImmediate(callback);
}
