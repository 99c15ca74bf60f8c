import { toError, type DiskStat, type SmallContent } from '../../kernel/index.ts';
import { GatheredCalls } from '../gathered-calls.ts';
import { systemCode } from './disk-errors.ts';
import {
  FileThread,
  OTHER_WAY,
  type Entry,
  type FileStat,
  type Move,
  type NewFile,
  type Wanted,
} from './file-thread.ts';
import type { FolderPaths } from './folder-paths.ts';

interface Make {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Calls of one batch. */
const MOST_AT_ONCE = 32;

/** How paths of a Disk become the system's. */
type Resolve = (path: string) => Promise<string>;

export interface SmallFileCallsOptions {
  readonly paths: Pick<FolderPaths, 'entry' | 'unlooked'>;
  /** The system's path of an entry, in a directory that is made where there is none. */
  readonly makePlace: Resolve;
  /** Looks at one entry without the thread: for a single look that is sooner. */
  readonly stat: (path: string) => Promise<DiskStat | undefined>;
}

/**
 * Calls of a Disk that small files are made of. Those that come at once go to a thread together, which looks once at the way to the directory of them all; where that is
 * not straight, it is looked at here, and said what is wrong with it.
 */
export class SmallFileCalls {
  readonly #options: SmallFileCallsOptions;
  /** What changes the disk may wait for it for seconds where others write much; who only looks or reads does not wait for that. */
  readonly #changing = new FileThread();
  readonly #looking = new FileThread();
  readonly #makes = new GatheredCalls<Make, DiskStat>((calls) => this.#make(calls), MOST_AT_ONCE);
  readonly #moves = new GatheredCalls<Move, undefined>((calls) => this.#move(calls), MOST_AT_ONCE);
  readonly #reads = new GatheredCalls<Wanted, SmallContent>((calls) => this.#read(calls), MOST_AT_ONCE);

  readonly #stats = new GatheredCalls<Entry, DiskStat | undefined>((calls) => this.#stat(calls), MOST_AT_ONCE);

  constructor(options: SmallFileCallsOptions) {
    this.#options = options;
  }

  /** See Disk.make. Rejects as the system does, or as the Disk does for its path. */
  make(path: string, bytes: Uint8Array): Promise<DiskStat> {
    return this.#makes.call({ path, bytes });
  }

  /** Moves a file to a name that nothing has, and syncs that. Rejects as `make`. */
  move(from: string, to: string): Promise<undefined> {
    return this.#moves.call({ from, to });
  }

  /** See Disk.read. Rejects as `make`. */
  read(path: string, most: number): Promise<SmallContent> {
    return this.#reads.call({ path, most });
  }

  /** See Disk.stat, of a path that names an entry. Rejects as `make`. */
  stat(path: string): Promise<DiskStat | undefined> {
    return this.#stats.call({ path });
  }

  async #make(calls: readonly Make[]): Promise<(DiskStat | Error)[]> {
    const made = await this.#ask<Make, NewFile, FileStat>(calls, {
      // Moved to the thread, so a copy: the bytes are the caller's.
      resolve: async ({ bytes, path }, entry) => ({ path: await entry(path), bytes: new Uint8Array(bytes) }),
      run: (files, isWayKnown) => this.#changing.make(files, isWayKnown),
    });
    return made.map((stat) => (stat instanceof Error ? stat : statOf(stat)));
  }

  #move(calls: readonly Move[]): Promise<(undefined | Error)[]> {
    return this.#ask<Move, Move, undefined>(calls, {
      resolve: async ({ from, to }, entry, place) => ({ from: await entry(from), to: await place(to) }),
      run: (moves, isWayKnown) => this.#changing.move(moves, isWayKnown),
    });
  }

  async #read(calls: readonly Wanted[]): Promise<(SmallContent | Error)[]> {
    const found = await this.#ask<Wanted, Wanted, { bytes: Uint8Array; stat: FileStat }>(calls, {
      resolve: async ({ most, path }, entry) => ({ path: await entry(path), most }),
      run: (wanted, isWayKnown) => this.#looking.read(wanted, isWayKnown),
    });
    return found.map((each) => (each instanceof Error ? each : { bytes: each.bytes, stat: statOf(each.stat) }));
  }

  async #stat(calls: readonly Entry[]): Promise<(DiskStat | undefined | Error)[]> {
    const [first] = calls;
    if (first !== undefined && calls.length === 1) return [await this.#options.stat(first.path).catch(toError)];
    const found = await this.#ask<Entry, Entry, FileStat | undefined>(calls, {
      resolve: async ({ path }, entry) => ({ path: await entry(path) }),
      run: (entries, isWayKnown) => this.#looking.stat(entries, isWayKnown),
    });
    return found.map((each) => (each === undefined || each instanceof Error ? each : statOf(each)));
  }

  /** Asks the thread for all together, and once more, each by itself, for those the way to which has to be looked at. */
  async #ask<Call, Resolved, Result>(
    calls: readonly Call[],
    {
      resolve,
      run,
    }: {
      readonly resolve: (call: Call, entry: Resolve, place: Resolve) => Promise<Resolved>;
      readonly run: (calls: readonly Resolved[], isWayKnown: boolean) => Promise<(Result | Error)[]>;
    },
  ): Promise<(Result | Error)[]> {
    const { makePlace, paths } = this.#options;
    const unlooked: Resolve = (path) => paths.unlooked(path);
    const all = await Promise.allSettled(calls.map((call) => resolve(call, unlooked, unlooked)));
    const usable = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const answers = usable.length === 0 ? [] : await run(usable, false);
    const again = async (call: Call) => {
      const looked = await resolve(call, (path) => paths.entry(path), makePlace);
      return (await run([looked], true))[0] as Result | Error;
    };
    let next = 0;
    const settled = all.map(async (each, index): Promise<Result | Error> => {
      if (each.status === 'rejected') return toError(each.reason);
      const answer = answers[next++] as Result | Error;
      return systemCode(answer) === OTHER_WAY ? again(calls[index] as Call).catch(toError) : answer;
    });
    return Promise.all(settled);
  }
}

function statOf({ ino, kind, mtimeNs, size }: FileStat): DiskStat {
  return { kind, size: Number(size), modifiedMs: Number(mtimeNs) / 1_000_000, inode: String(ino) };
}
