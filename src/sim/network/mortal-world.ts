import type { Clock, Disk, Timer } from '../../kernel/index.ts';
import { never } from '../impairment/never.ts';
import { wrappedDisk } from './wrapped-disk.ts';

/** Whether a process runs, stands still, or is no more; shared by all that is handed to it of the world. */
export class Life {
  isOver = false;
  /** What happens when it goes on; undefined while it runs. */
  #waiting: (() => void)[] | undefined;

  /** Whether the process is stopped, as by SIGSTOP. */
  get isStopped(): boolean {
    return this.#waiting !== undefined;
  }

  /** Whether it hears of nothing, for now or for ever. */
  get isAway(): boolean {
    return this.isOver || this.isStopped;
  }

  /** The process gets no more time: what happens to it waits. */
  stop(): void {
    this.#waiting ??= [];
  }

  /** It goes on: timers that fell due first, in their order, as in an event loop; then what came in. */
  proceed(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const callback of waiting) callback();
  }

  /** Calls back when the process runs: at once, when it goes on, or never. */
  whenRunning(callback: () => void): void {
    if (this.isOver) return;
    if (this.#waiting === undefined) callback();
    else this.#waiting.push(() => this.whenRunning(callback));
  }

  /** Resolves when the process runs; never where it is no more. */
  running(): Promise<void> {
    return new Promise((resolve) => this.whenRunning(resolve));
  }
}

/** A clock whose timers die with the process that set them, and wait while it stands still. */
export function mortalClock(clock: Clock, life: Life): Clock {
  return {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    setTimer: (delayMs, callback): Timer => {
      if (life.isOver) return { cancel: () => undefined };
      let isCancelled = false;
      const timer = clock.setTimer(delayMs, () =>
        life.whenRunning(() => {
          if (!isCancelled) callback();
        }),
      );
      return {
        cancel: () => {
          isCancelled = true;
          timer.cancel();
        },
      };
    },
  };
}

/** A disk on which a dead process does nothing more, and hears of nothing. */
export function mortalDisk(disk: Disk, life: Life): Disk {
  return wrappedDisk(disk, {
    around: async (operation) => {
      if (life.isOver) return never();
      try {
        return await operation();
      } finally {
        if (life.isAway) await life.running();
      }
    },
    watch: async function* (directory, options) {
      for await (const name of disk.watch(directory, options)) {
        if (life.isStopped) await life.running();
        if (life.isOver) return;
        yield name;
      }
    },
  });
}
