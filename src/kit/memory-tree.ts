import { KernelError, errorCode, type DiskStat, type EntryKind, type Random } from '../kernel/index.ts';
import { MemoryFileContent } from './memory-file-content.ts';

interface MemoryEntryFacts {
  readonly kind: EntryKind;
  readonly inode: string;
  modifiedMs: number;
}

export interface MemoryFile extends MemoryEntryFacts {
  readonly kind: 'file';
  readonly content: MemoryFileContent;
}

export interface MemoryDirectory extends MemoryEntryFacts {
  readonly kind: 'directory';
  readonly entries: Map<string, MemoryEntry>;
  /** The entries a power cut would leave. */
  durable: ReadonlyMap<string, MemoryEntry>;
}

export interface MemoryLink extends MemoryEntryFacts {
  readonly kind: 'other';
}

export type MemoryEntry = MemoryFile | MemoryDirectory | MemoryLink;

/** The facts of an entry that Disk tells. */
export function statOf(entry: MemoryEntry): DiskStat {
  const size = entry.kind === 'file' ? entry.content.length : 0;
  return { kind: entry.kind, size, modifiedMs: entry.modifiedMs, inode: entry.inode };
}

/** The entries of a MemoryDisk: finding them by path, and what of them survives a power cut. */
export class MemoryTree {
  readonly root: MemoryDirectory;
  #inodes = 0;

  constructor(modifiedMs: number) {
    this.root = this.newDirectory(modifiedMs);
  }

  newFile(modifiedMs: number): MemoryFile {
    return { kind: 'file', ...this.#facts(modifiedMs), content: new MemoryFileContent() };
  }

  newDirectory(modifiedMs: number): MemoryDirectory {
    return { kind: 'directory', ...this.#facts(modifiedMs), entries: new Map(), durable: new Map() };
  }

  newLink(modifiedMs: number): MemoryLink {
    return { kind: 'other', ...this.#facts(modifiedMs) };
  }

  /** The directory at the end of these parts. Throws ERR_LINK_REFUSED, or ERR_NOT_FOUND where there is no such directory. */
  directory(parts: readonly string[]): MemoryDirectory {
    let directory = this.root;
    for (const [index, part] of parts.entries()) {
      const entry = directory.entries.get(part);
      const shown = JSON.stringify(parts.slice(0, index + 1).join('/'));
      if (entry?.kind === 'other') throw new KernelError('ERR_LINK_REFUSED', `${shown} is a symbolic link`);
      if (entry?.kind !== 'directory') throw new KernelError('ERR_NOT_FOUND', `${shown} is no directory`);
      directory = entry;
    }
    return directory;
  }

  /** As `directory`; `undefined` where there is none. */
  directoryIfAny(parts: readonly string[]): MemoryDirectory | undefined {
    try {
      return this.directory(parts);
    } catch (error) {
      if (errorCode(error) !== 'ERR_NOT_FOUND') throw error;
      return undefined;
    }
  }

  /** Bytes in all files. */
  usedBytes(): number {
    let used = 0;
    for (const entry of walk(this.root)) if (entry.kind === 'file') used += entry.content.length;
    return used;
  }

  /** Back to what was durable: entries and contents. */
  losePower(torn: Random | undefined): void {
    const pending = [this.root];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      directory.entries.clear();
      for (const [name, entry] of directory.durable) {
        directory.entries.set(name, entry);
        if (entry.kind === 'directory') pending.push(entry);
        else if (entry.kind === 'file') entry.content.losePower(torn);
      }
    }
  }

  #facts(modifiedMs: number) {
    return { inode: String(++this.#inodes), modifiedMs };
  }
}

/** From now on a power cut leaves the entries of this directory as they are. */
export function syncEntries(directory: MemoryDirectory): void {
  directory.durable = new Map(directory.entries);
}

function* walk(directory: MemoryDirectory): Generator<MemoryEntry> {
  for (const entry of directory.entries.values()) {
    yield entry;
    if (entry.kind === 'directory') yield* walk(entry);
  }
}
