import { isUtf8 } from 'node:buffer';
import { constants, type BigIntStats, type Dirent } from 'node:fs';
import { mkdir, readdir, rename, rmdir, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  KernelError,
  errorCode,
  type AbortOptions,
  type Disk,
  type DiskEntry,
  type DiskFile,
  type DiskStat,
  type ErrorCode,
  type OpenMode,
  type RenameOptions,
  type SmallContent,
} from '../../kernel/index.ts';
import { splitPath } from '../disk-path.ts';
import { watchDirectory } from './directory-watch.ts';
import { pathError, systemCode } from './disk-errors.ts';
import { DirectorySyncs } from './directory-syncs.ts';
import { moveToFreeName } from './durable.ts';
import { fileCalls } from './file-calls.ts';
import { FolderPaths, linkRefused } from './folder-paths.ts';
import { NodeDiskFile, entryKind, toDiskStat } from './node-disk-file.ts';
import { SmallFileCalls } from './small-file-calls.ts';

/** What is below it is for the folder's owner only: its directories are made with mode 0700. */
const PRIVATE_DIRECTORY = '.peerhold';

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL } = constants;
// Never through a link, never waiting for the other end of a pipe. Windows has neither flag.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
const WITH_CARE = O_NOFOLLOW | O_NONBLOCK;
const OPEN_FLAGS: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY | WITH_CARE,
  write: O_RDWR | O_CREAT | WITH_CARE,
  create: O_RDWR | O_CREAT | O_EXCL | WITH_CARE,
};

/** What it means to each mode that something other than a file has the name. */
const NO_FILE: Readonly<Record<OpenMode, ErrorCode>> = {
  read: 'ERR_NOT_FOUND',
  write: 'ERR_NAME_NOT_STORABLE',
  create: 'ERR_EXISTS',
};

/** The existing folder `root` on the system's file systems. The folder itself may be reached through a link; no link in it is followed. */
export function nodeDisk(root: string): Disk {
  return new NodeDisk(new FolderPaths(root));
}

class NodeDisk implements Disk {
  readonly #paths: FolderPaths;
  readonly #syncs = new DirectorySyncs();
  readonly #small: SmallFileCalls;

  constructor(paths: FolderPaths) {
    this.#paths = paths;
    this.#small = new SmallFileCalls({
      paths,
      makePlace: (path) => this.#makePlace(path),
      stat: (path) => this.#lookAt(path),
    });
  }

  async open(path: string, mode: OpenMode, options: { readonly private?: boolean } = {}): Promise<DiskFile> {
    return named('open', path, async () => {
      const systemPath = await this.#paths.entry(path);
      // What must not be there is only looked at where it is.
      if (mode !== 'create') await assertFile(systemPath, path, NO_FILE[mode]);
      const rights = options.private === true ? 0o600 : 0o666;
      const descriptor = await fileCalls.open(systemPath, OPEN_FLAGS[mode], rights).catch(async (error: unknown) => {
        if (mode === 'create') await assertFile(systemPath, path, NO_FILE.create);
        throw error;
      });
      return new NodeDiskFile({ descriptor, path, systemPath, writable: mode !== 'read', syncs: this.#syncs });
    });
  }

  async make(path: string, bytes: Uint8Array): Promise<DiskStat> {
    return named('make', path, async () => {
      try {
        return await this.#small.make(path, bytes);
      } catch (error) {
        if (errorCode(error) === undefined) await assertFile(await this.#paths.entry(path), path, NO_FILE.create);
        throw error;
      }
    });
  }

  async read(path: string, most: number): Promise<SmallContent> {
    return named('read', path, () => this.#small.read(path, most));
  }

  async rename(from: string, to: string, { replace, scratch = false }: RenameOptions): Promise<void> {
    if (scratch && !replace && (await this.#isMoved(from, to))) return;
    const source = await named('move', from, async () => {
      const systemPath = await this.#paths.entry(from);
      // What is there is the node's own, and was just written.
      if (scratch) return systemPath;
      const found = await look(systemPath, from);
      if (found?.isFile() !== true) throw noFile(from, 'ERR_NOT_FOUND');
      return systemPath;
    });
    await named('move a file to', to, async () => {
      const target = await this.#makePlace(to);
      await (replace ? moveOver(source, target, to) : moveBeside(source, target, to));
      // In this order: the new name must be there for certain before the old one is gone for certain.
      await this.#syncs.sync(dirname(target));
      if (!scratch && dirname(source) !== dirname(target)) await this.#syncs.sync(dirname(source));
    });
  }

  async remove(path: string): Promise<void> {
    await named('remove', path, async () => {
      const systemPath = await this.#paths.entry(path).catch(ignoreNotFound);
      const found = systemPath === undefined ? undefined : await look(systemPath, path);
      if (systemPath === undefined || found === undefined) return;
      await (found.isDirectory() ? rmdir(systemPath) : fileCalls.unlink(systemPath)).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error;
      });
    });
  }

  async stat(path: string): Promise<DiskStat | undefined> {
    return named('look at', path, async () => {
      const look = path === '' ? this.#lookAt('') : this.#small.stat(path);
      return look.catch(ignoreNotFound);
    });
  }

  async list(directory: string): Promise<DiskEntry[]> {
    return named('list', directory, async () => {
      const entries = await readdir(await this.#paths.directory(directory), {
        withFileTypes: true,
        encoding: 'buffer',
      });
      return entries.flatMap(toDiskEntry);
    });
  }

  async makeDirectory(path: string): Promise<void> {
    await named('make the directory', path, async () => {
      const parts = splitPath(path);
      if ((await this.#paths.directory(path).catch(ignoreNotFound)) !== undefined) return;
      const mode = parts[0] === PRIVATE_DIRECTORY ? 0o700 : 0o777;
      for (let depth = 1; depth <= parts.length; depth++) {
        await this.#makeOne(parts.slice(0, depth).join('/'), mode);
      }
    });
  }

  async *watch(directory: string, { signal }: Required<AbortOptions>): AsyncGenerator<string, void, undefined> {
    // A directory that cannot be reached has nothing to report.
    const path = await this.#paths.directory(directory).catch((error: unknown) => {
      if (errorCode(error) === 'ERR_NAME') throw error;
      return undefined;
    });
    if (path !== undefined) yield* watchDirectory(path, signal);
  }

  async freeBytes(): Promise<number> {
    return named('look at', '', async () => {
      const { bavail, bsize } = await statfs(await this.#paths.root());
      return bavail * bsize;
    });
  }

  async #lookAt(path: string): Promise<DiskStat | undefined> {
    const found = await lstatOrNothing(await (path === '' ? this.#paths.root() : this.#paths.entry(path)));
    return found === undefined ? undefined : toDiskStat(found);
  }

  /** Moves a file of the node's own, of which many come at once, to a name that nothing has; false where that has to be done with more care. */
  async #isMoved(from: string, to: string): Promise<boolean> {
    try {
      await this.#small.move(from, to);
      return true;
    } catch {
      return false;
    }
  }

  /** The system's path of an entry, in a directory that is made where there is none. */
  async #makePlace(path: string): Promise<string> {
    const known = await this.#paths.entry(path).catch(ignoreNotFound);
    if (known !== undefined) return known;
    await this.makeDirectory(splitPath(path).slice(0, -1).join('/'));
    return this.#paths.entry(path);
  }

  /** Makes one directory, durably, in one that exists. */
  async #makeOne(path: string, mode: number): Promise<void> {
    const systemPath = await this.#paths.entry(path);
    const found = await look(systemPath, path);
    if (found?.isDirectory() === true) return;
    if (found !== undefined) throw noFile(path, 'ERR_NAME_NOT_STORABLE');
    await mkdir(systemPath, mode).catch((error: unknown) => {
      // Somebody else made it in between.
      if (systemCode(error) !== 'EEXIST') throw error;
    });
    await this.#syncs.sync(dirname(systemPath));
  }
}

/** Runs an operation on a path and says which it was where it fails. */
async function named<T>(action: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw pathError(action, path, error);
  }
}

/** What has the name, or nothing. Throws ERR_LINK_REFUSED where it is a link. */
async function look(systemPath: string, path: string): Promise<BigIntStats | undefined> {
  const found = await lstatOrNothing(systemPath);
  if (found?.isSymbolicLink() === true) throw linkRefused(path);
  return found;
}

/** Makes sure that what has the name, if anything has it, is a file. */
async function assertFile(systemPath: string, path: string, code: ErrorCode): Promise<void> {
  const found = await look(systemPath, path);
  if (found !== undefined && !found.isFile()) throw noFile(path, code);
}

/** Moves a file to where nothing is but perhaps another file, which it replaces. */
async function moveOver(source: string, target: string, path: string): Promise<void> {
  const found = await look(target, path);
  if (found !== undefined && !found.isFile()) throw noFile(path, 'ERR_NAME_NOT_STORABLE');
  await rename(source, target);
}

/** Moves a file to where nothing is. What is there is only looked at where the move fails for it. */
async function moveBeside(source: string, target: string, path: string): Promise<void> {
  try {
    await moveToFreeName(source, target);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    await look(target, path);
    throw new KernelError('ERR_EXISTS', `${JSON.stringify(path)} is there already`, { cause: error });
  }
}

async function lstatOrNothing(systemPath: string): Promise<BigIntStats | undefined> {
  try {
    return await fileCalls.lstat(systemPath, { bigint: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function ignoreNotFound(error: unknown): undefined {
  if (errorCode(error) !== 'ERR_NOT_FOUND') throw error;
}

function noFile(path: string, code: ErrorCode): KernelError {
  return new KernelError(code, `${JSON.stringify(path)} is not a file`);
}

function toDiskEntry(entry: Dirent<Buffer>): DiskEntry[] {
  return isUtf8(entry.name) ? [{ name: entry.name.toString(), kind: entryKind(entry) }] : [];
}
