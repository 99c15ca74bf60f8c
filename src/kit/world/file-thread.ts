import type { EntryKind } from '../../kernel/index.ts';
import { CANNOT_SYNC } from './durable.ts';
import { QuestionThread } from './question-thread.ts';

/** A file to make. */
export interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file to move to a name that nothing has. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** A file of which the first bytes are wanted. */
export interface Wanted {
  readonly path: string;
  readonly most: number;
}

/** An entry to look at. */
export interface Entry {
  readonly path: string;
}

/** What the system says of an entry. */
export interface FileStat {
  readonly kind: EntryKind;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/** The first bytes of a file, and what it was like then. */
export interface FileContent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly stat: FileStat;
}

/** What is to be done, of one kind. `isWayKnown`: nothing on the way to any of the paths is a link, so that need not be looked for. */
type Question = { readonly isWayKnown: boolean } & (
  | { readonly kind: 'make'; readonly calls: readonly NewFile[] }
  | { readonly kind: 'move'; readonly calls: readonly Move[] }
  | { readonly kind: 'read'; readonly calls: readonly Wanted[] }
  | { readonly kind: 'stat'; readonly calls: readonly Entry[] }
);

/** The code of what was not done since the way to it is not as its path says: there is a link, nothing, or another spelling. */
export const OTHER_WAY = 'EWAY';

/** How a call ended: what it is to yield, or why it failed. */
type Answer =
  { readonly result: FileStat | FileContent | undefined } | { readonly code: string; readonly message: string };

/**
 * What runs on the thread. All files of a batch are written before the first of them is synced, and then synced beside each other, so that they share what the
 * file system does for a sync. What was written is sent into a channel that nobody has the other end of, which frees it at once.
 */
const SOURCE = `
const fs = require('node:fs');
const { dirname, sep } = require('node:path');
const { promisify } = require('node:util');
const { MessageChannel, parentPort, workerData } = require('node:worker_threads');
const fsync = promisify(fs.fsync);
const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
const { port1: nowhere, port2: otherEnd } = new MessageChannel();
otherEnd.close();
const failure = ({ code = '', message }) => ({ code, message });
const quietly = (call, argument) => {
  try {
    call(argument);
  } catch {
    // What came before is what is told.
  }
};
const toStat = (stat) => ({
  kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other',
  size: stat.size,
  mtimeNs: stat.mtimeNs,
  ino: stat.ino,
});
const statOf = (file) => {
  const stat = toStat(fs.fstatSync(file, { bigint: true }));
  if (stat.kind !== 'file') refuse('ENOENT');
  return stat;
};
const stat = ({ path }, look) => {
  try {
    look(path);
    const found = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return { result: found && toStat(found) };
  } catch (error) {
    return failure(error);
  }
};
const refuse = (code) => {
  throw Object.assign(new Error(code), { code });
};
const isStraight = (directory) => {
  try {
    return fs.realpathSync.native(directory + sep + '.') === directory;
  } catch {
    return false;
  }
};
const syncDirectory = async (path) => {
  let directory;
  try {
    directory = fs.openSync(path, 'r');
    await fsync(directory);
  } catch (error) {
    if (!workerData.cannotSync.has(error.code)) return failure(error);
  } finally {
    if (directory !== undefined) quietly(fs.closeSync, directory);
  }
};
const make = async ({ path, bytes }, look) => {
  let file;
  try {
    look(path);
    file = fs.openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(file, bytes, at, bytes.length - at, at);
    nowhere.postMessage(null, [bytes.buffer]);
    await fsync(file);
    return { result: statOf(file) };
  } catch (error) {
    if (file !== undefined) quietly(fs.unlinkSync, path);
    return failure(error);
  } finally {
    if (file !== undefined) quietly(fs.closeSync, file);
  }
};
const move = ({ from, to }, look) => {
  try {
    look(from);
    look(to);
    fs.linkSync(from, to);
  } catch (error) {
    return failure(error);
  }
  try {
    fs.unlinkSync(from);
    return { result: undefined };
  } catch (error) {
    // Not moved: then not there under the new name either.
    quietly(fs.unlinkSync, to);
    return failure(error);
  }
};
const read = ({ path, most }, look) => {
  let file;
  try {
    look(path);
    // Not every system knows O_NOFOLLOW.
    if (fs.lstatSync(path).isSymbolicLink()) refuse('ELOOP');
    file = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const { size } = statOf(file);
    const bytes = new Uint8Array(Math.min(Number(size), most));
    let filled = 0;
    for (let count = -1; count !== 0 && filled < bytes.length; filled += count)
      count = fs.readSync(file, bytes, filled, bytes.length - filled, filled);
    return { result: { bytes: filled < bytes.length ? bytes.slice(0, filled) : bytes, stat: statOf(file) } };
  } catch (error) {
    return failure(error);
  } finally {
    if (file !== undefined) quietly(fs.closeSync, file);
  }
};
const moveAll = async (moves, look) => {
  const moved = moves.map((each) => move(each, look));
  const directories = new Set(moves.filter((_, index) => !('code' in moved[index])).map(({ to }) => dirname(to)));
  const synced = new Map(await Promise.all([...directories].map(async (each) => [each, await syncDirectory(each)])));
  return moved.map((each, index) => ('code' in each ? each : (synced.get(dirname(moves[index].to)) ?? each)));
};
const work = {
  make: (files, look) => Promise.all(files.map((each) => make(each, look))),
  move: moveAll,
  read: (wanted, look) => wanted.map((each) => read(each, look)),
  stat: (entries, look) => entries.map((each) => stat(each, look)),
};
parentPort.on('message', async ({ id, question: { kind, calls, isWayKnown } }) => {
  const straight = new Map();
  const look = (path) => {
    const directory = dirname(path);
    if (!isWayKnown && !straight.has(directory)) straight.set(directory, isStraight(directory));
    if (straight.get(directory) === false) refuse(workerData.otherWay);
  };
  const answer = await work[kind](calls, look);
  parentPort.postMessage({ id, answer }, answer.flatMap(({ result }) => (result?.bytes ? [result.bytes.buffer] : [])));
});
`;

const FILES = { source: SOURCE, name: 'files', workerData: { cannotSync: CANNOT_SYNC, otherWay: OTHER_WAY } };

/** Time without a question after which the thread is ended. */
const IDLE_MS = 5_000;

/**
 * Makes, moves, reads and looks at small files on a thread of its own, many with one message: for each a call through a thread of Node.js' pool costs the main thread more
 * than the file system takes for it. The thread begins with the first question and ends when there was none for a while.
 *
 * Of each call it tells what it yields, or the system's error, or OTHER_WAY. Where the thread itself fails, so does the question.
 */
export class FileThread {
  #thread: QuestionThread<Question, readonly Answer[]> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  /** Makes files where nothing is, writes them and syncs what they hold. Of one that fails nothing is left. The memory of the bytes goes to the thread. */
  make(calls: readonly NewFile[], isWayKnown: boolean): Promise<(FileStat | Error)[]> {
    const moved = calls.map(({ bytes }) => bytes.buffer);
    return this.#ask({ kind: 'make', calls, isWayKnown }, moved);
  }

  /** Moves files to names that nothing has, by a second name, and syncs the directories they come to. */
  move(calls: readonly Move[], isWayKnown: boolean): Promise<(undefined | Error)[]> {
    return this.#ask({ kind: 'move', calls, isWayKnown });
  }

  /** Reads the first bytes of files, in arrays of their own. */
  read(calls: readonly Wanted[], isWayKnown: boolean): Promise<(FileContent | Error)[]> {
    return this.#ask({ kind: 'read', calls, isWayKnown });
  }

  /** Looks at entries, without following a link; `undefined` where there is nothing. */
  stat(calls: readonly Entry[], isWayKnown: boolean): Promise<(FileStat | undefined | Error)[]> {
    return this.#ask({ kind: 'stat', calls, isWayKnown });
  }

  async #ask<T>(question: Question, moved: readonly ArrayBuffer[] = []): Promise<(T | Error)[]> {
    if (this.#thread === undefined || this.#thread.ended) this.#thread = new QuestionThread(FILES);
    const answers = await this.#thread.ask(question, moved).catch((cause: unknown) => {
      // To who asked, the disk failed.
      throw new Error('the thread for files failed', { cause });
    });
    this.#endLater();
    return answers.map((answer) =>
      'code' in answer ? Object.assign(new Error(answer.message), { code: answer.code }) : (answer.result as T),
    );
  }

  #endLater(): void {
    // The system's own timer, here in the world's home: when an idle thread is ended changes no answer, and no test waits for it.
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      if (this.#thread?.owed !== 0) return;
      // Nobody waits for it, and to end it never fails.
      void this.#thread.end(new Error('the thread is not used'));
      this.#thread = undefined;
    }, IDLE_MS).unref();
  }
}
