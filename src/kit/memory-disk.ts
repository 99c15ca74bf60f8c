import {
  ERROR_CODES,
  KernelError,
  type AbortOptions,
  type Clock,
  type Disk,
  type DiskEntry,
  type DiskFile,
  type DiskStat,
  type ErrorCode,
  type OpenMode,
  type Random,
  type RenameOptions,
  type SmallContent,
} from '../kernel/index.ts';
import { splitEntryPath, splitPath } from './disk-path.ts';
import { MemoryDiskFile } from './memory-disk-file.ts';
import {
  MemoryTree,
  statOf,
  syncEntries,
  type MemoryDirectory,
  type MemoryEntry,
  type MemoryFile,
} from './memory-tree.ts';
import { MemoryWatches } from './memory-watches.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface MemoryDiskOptions {
  /** Dates changes. Two changes never get the same date, even where the clock stands still. */
  readonly clock?: Clock;
  /** Bytes that all files may hold together. */
  readonly capacity?: number;
  /** Whether the file system can hold an entry of this name, beyond what none can. */
  readonly isStorable?: (name: string) => boolean;
}

/** A terabyte: enough for whoever does not test a full disk. */
const DEFAULT_CAPACITY = 2 ** 40;
/** Milliseconds between two changes at one instant: a number of milliseconds since the epoch still tells them apart. */
const SMALLEST_STEP_MS = 0.001;

/** What has to be there before an entry can have the name. */
const NO_FILE: Readonly<Record<OpenMode, ErrorCode>> = {
  read: 'ERR_NOT_FOUND',
  write: 'ERR_NAME_NOT_STORABLE',
  create: 'ERR_EXISTS',
};

/**
 * A Disk in memory that can fail: full, not permitted, broken at a path, cut off from power. Its content outlives the node that uses
 * it, so a restart is a new node on the same disk.
 */
export class MemoryDisk implements Disk {
  /** Bytes that all files may hold together; may be changed at any time. */
  capacity: number;
  readonly #clock: Clock;
  readonly #isStorable: (name: string) => boolean;
  readonly #tree: MemoryTree;
  readonly #faults = new Map<string, ErrorCode>();
  readonly #watches = new MemoryWatches();
  #lastChangeMs = 0;
  /** Raised by every power cut: what was opened before is lost. */
  #generation = 0;

  constructor(options: MemoryDiskOptions = {}) {
    this.#clock = options.clock ?? new VirtualClock();
    this.capacity = options.capacity ?? DEFAULT_CAPACITY;
    this.#isStorable = options.isStorable ?? (() => true);
    this.#tree = new MemoryTree(this.#changeTime());
  }

  /**
   * From now on every operation on this path, or on what is below it, fails with the code; also on open files. Only looking at
   * the path from outside, by `stat` or by a list of its directory, still works.
   */
  breakPath(path: string, code: ErrorCode = 'ERR_ACCESS_DENIED'): void {
    this.#faults.set(path, code);
  }

  /** Undoes `breakPath`. */
  mendPath(path: string): void {
    this.#faults.delete(path);
  }

  /** Puts a symbolic link there. Where it leads does not matter: nobody follows it. */
  addLink(path: string): void {
    const { parents, name } = splitEntryPath(path);
    const directory = this.#makeDirectories(parents);
    directory.entries.set(name, this.#tree.newLink(this.#changeTime()));
    syncEntries(directory);
    this.#changed(directory, name);
  }

  /** Does what a person does beside the node: puts a whole file there, with its directories, durably, and watches see it. */
  put(path: string, content: Uint8Array | string): void {
    const { parents, name } = splitEntryPath(path);
    const directory = this.#makeDirectories(parents);
    const found = directory.entries.get(name);
    const file = found?.kind === 'file' ? found : this.#tree.newFile(0);
    file.content.truncate(0);
    file.content.write(0, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    file.content.sync();
    file.modifiedMs = this.#changeTime();
    directory.entries.set(name, file);
    syncEntries(directory);
    this.#changed(directory, name);
  }

  /** The whole content of a file; `undefined` where there is none. */
  peek(path: string): Uint8Array | undefined {
    const { parents, name } = splitEntryPath(path);
    const entry = this.#tree.directory(parents).entries.get(name);
    return entry?.kind === 'file' ? entry.content.read(0, entry.content.length) : undefined;
  }

  /**
   * Cuts the power: what was not synced is lost, or with `torn` any part of it; removals not followed by a sync of their directory are
   * undone. Open files fail with ERR_DISK from now on, and watches end.
   */
  crash(options: { readonly torn?: Random } = {}): void {
    this.#generation++;
    this.#tree.losePower(options.torn);
    this.#watches.endAll();
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const { directory, name } = this.#place(path);
    const found = this.#look(directory, name, path);
    if (found === undefined && mode === 'read') throw failure('ERR_NOT_FOUND', path);
    if (found !== undefined && (mode === 'create' || found.kind !== 'file')) throw failure(NO_FILE[mode], path);
    const file = found?.kind === 'file' ? found : this.#addFile(directory, name);
    const generation = this.#generation;
    return new MemoryDiskFile(file, path, {
      writable: mode !== 'read',
      assertWorks: () => {
        if (generation !== this.#generation) throw failure('ERR_DISK', path);
        this.#assertWorks(path);
      },
      assertRoom: (growth) => {
        if (growth > 0 && growth + this.#tree.usedBytes() > this.capacity) throw failure('ERR_DISK_FULL', path);
      },
      changed: () => {
        file.modifiedMs = this.#changeTime();
        this.#changed(directory, name);
      },
      synced: () => syncEntries(directory),
      stat: () => statOf(file),
    });
  }

  async make(path: string, bytes: Uint8Array): Promise<DiskStat> {
    const { directory, name } = this.#place(path);
    if (this.#look(directory, name, path) !== undefined) throw failure('ERR_EXISTS', path);
    if (bytes.length + this.#tree.usedBytes() > this.capacity) throw failure('ERR_DISK_FULL', path);
    const file = this.#addFile(directory, name);
    file.content.write(0, bytes);
    // Not its name: that is lost with the power until the file is moved.
    file.content.sync();
    return statOf(file);
  }

  async read(path: string, most: number): Promise<SmallContent> {
    await using file = await this.open(path, 'read');
    return { bytes: await file.read(0, most), stat: await file.stat() };
  }

  async rename(from: string, to: string, { replace, scratch = false }: RenameOptions): Promise<void> {
    const source = this.#place(from);
    const file = this.#look(source.directory, source.name, from);
    if (file?.kind !== 'file') throw failure('ERR_NOT_FOUND', from);
    // All in one turn, without awaiting: a move is atomic.
    this.#makeDirectories(splitEntryPath(to).parents);
    const target = this.#place(to);
    const found = this.#look(target.directory, target.name, to);
    if (found !== undefined && !replace) throw failure('ERR_EXISTS', to);
    if (found !== undefined && found.kind !== 'file') throw failure('ERR_NAME_NOT_STORABLE', to);
    source.directory.entries.delete(source.name);
    target.directory.entries.set(target.name, file);
    syncEntries(target.directory);
    if (!scratch) syncEntries(source.directory);
    this.#changed(source.directory, source.name);
    this.#changed(target.directory, target.name);
  }

  async remove(path: string): Promise<void> {
    const place = this.#placeIfAny(path);
    this.#assertWorks(path);
    const found = place && this.#look(place.directory, place.name, path);
    if (place === undefined || found === undefined) return;
    if (found.kind === 'directory') {
      if (found.entries.size > 0) throw failure('ERR_EXISTS', path);
      this.#watches.end(found);
    }
    place.directory.entries.delete(place.name);
    this.#changed(place.directory, place.name);
  }

  async stat(path: string): Promise<DiskStat | undefined> {
    if (path === '') return statOf(this.#tree.root);
    const place = this.#placeIfAny(path);
    const found = place?.directory.entries.get(place.name);
    return found && statOf(found);
  }

  async list(directory: string): Promise<DiskEntry[]> {
    this.#assertWorks(directory);
    const { entries } = this.#tree.directory(splitPath(directory));
    return [...entries].map(([name, { kind }]) => ({ name, kind }));
  }

  async makeDirectory(path: string): Promise<void> {
    this.#assertWorks(path);
    this.#makeDirectories(splitPath(path));
  }

  async *watch(directory: string, { signal }: Required<AbortOptions>): AsyncGenerator<string, void, undefined> {
    const watched = this.#tree.directoryIfAny(splitPath(directory));
    if (watched !== undefined) yield* this.#watches.watch(watched, signal);
  }

  async freeBytes(): Promise<number> {
    return Math.max(0, this.capacity - this.#tree.usedBytes());
  }

  /** The directory of an entry, which must be there, and the entry's name. */
  #place(path: string): { readonly directory: MemoryDirectory; readonly name: string } {
    const { parents, name } = splitEntryPath(path);
    this.#assertStorable(name);
    this.#assertWorks(path);
    return { directory: this.#tree.directory(parents), name };
  }

  #placeIfAny(path: string): { readonly directory: MemoryDirectory; readonly name: string } | undefined {
    const { parents, name } = splitEntryPath(path);
    this.#assertStorable(name);
    this.#assertWorks(parents.join('/'));
    const directory = this.#tree.directoryIfAny(parents);
    return directory && { directory, name };
  }

  #look(directory: MemoryDirectory, name: string, path: string): MemoryEntry | undefined {
    const entry = directory.entries.get(name);
    if (entry?.kind === 'other') throw failure('ERR_LINK_REFUSED', path);
    return entry;
  }

  #makeDirectories(parts: readonly string[]): MemoryDirectory {
    let directory = this.#tree.root;
    for (const [index, part] of parts.entries()) {
      this.#assertStorable(part);
      const path = parts.slice(0, index + 1).join('/');
      const found = this.#look(directory, part, path);
      if (found?.kind === 'file') throw failure('ERR_NAME_NOT_STORABLE', path);
      directory = found?.kind === 'directory' ? found : this.#addDirectory(directory, part);
    }
    return directory;
  }

  #addDirectory(parent: MemoryDirectory, name: string): MemoryDirectory {
    const directory = this.#tree.newDirectory(this.#changeTime());
    parent.entries.set(name, directory);
    syncEntries(parent);
    this.#changed(parent, name);
    return directory;
  }

  #addFile(directory: MemoryDirectory, name: string): MemoryFile {
    const file = this.#tree.newFile(this.#changeTime());
    directory.entries.set(name, file);
    this.#changed(directory, name);
    return file;
  }

  #changed(directory: MemoryDirectory, name: string): void {
    directory.modifiedMs = this.#changeTime();
    this.#watches.report(directory, name);
  }

  #changeTime(): number {
    return (this.#lastChangeMs = Math.max(this.#clock.wallTime(), this.#lastChangeMs + SMALLEST_STEP_MS));
  }

  #assertStorable(name: string): void {
    if (!this.#isStorable(name)) throw failure('ERR_NAME_NOT_STORABLE', name);
  }

  #assertWorks(path: string): void {
    for (const [broken, code] of this.#faults) {
      if (path === broken || path.startsWith(`${broken}/`)) throw failure(code, path);
    }
  }
}

function failure(code: ErrorCode, path: string): KernelError {
  return new KernelError(code, `${JSON.stringify(path)}: ${ERROR_CODES[code]}`);
}
