import type { Clock, Disk, DiskFile, Timer } from '../../kernel/index.ts';

/** A promise that never settles: what a dead process hears of anything. */
const NEVER = new Promise<never>(() => undefined);

/** Whether a process still runs; shared by all that is handed to it of the world. */
export interface Life {
  isOver: boolean;
}

/** A clock whose timers die with the process that set them. */
export function mortalClock(clock: Clock, life: Life): Clock {
  return {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    setTimer: (delayMs, callback): Timer => {
      if (life.isOver) return { cancel: () => undefined };
      return clock.setTimer(delayMs, () => {
        if (!life.isOver) callback();
      });
    },
  };
}

/** A disk on which a dead process does nothing more, and hears of nothing. */
export function mortalDisk(disk: Disk, life: Life): Disk {
  const alive = <T>(work: () => Promise<T>): Promise<T> => {
    if (life.isOver) return NEVER;
    return work().then(
      (value) => (life.isOver ? NEVER : value),
      (error: unknown) => (life.isOver ? NEVER : Promise.reject(error)),
    );
  };
  return {
    open: (path, mode, options) => alive(async () => mortalFile(await disk.open(path, mode, options), alive)),
    rename: (from, to, options) => alive(() => disk.rename(from, to, options)),
    remove: (path) => alive(() => disk.remove(path)),
    stat: (path) => alive(() => disk.stat(path)),
    list: (directory) => alive(() => disk.list(directory)),
    makeDirectory: (path) => alive(() => disk.makeDirectory(path)),
    watch: async function* (directory, options) {
      for await (const name of disk.watch(directory, options)) {
        if (life.isOver) return;
        yield name;
      }
    },
    freeBytes: () => alive(() => disk.freeBytes()),
  };
}

type WhileAlive = <T>(work: () => Promise<T>) => Promise<T>;

function mortalFile(file: DiskFile, alive: WhileAlive): DiskFile {
  const close = () => alive(() => file.close());
  return {
    read: (position, length) => alive(() => file.read(position, length)),
    write: (position, bytes) => alive(() => file.write(position, bytes)),
    truncate: (length) => alive(() => file.truncate(length)),
    sync: () => alive(() => file.sync()),
    stat: () => alive(() => file.stat()),
    close,
    [Symbol.asyncDispose]: close,
  };
}
