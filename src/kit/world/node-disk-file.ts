import { closeSync, fstatSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { KernelError, type DiskFile, type DiskStat, type EntryKind } from '../../kernel/index.ts';
import { uninitialised } from '../uninitialised.ts';
import { fileError } from './disk-errors.ts';
import type { DirectorySyncs } from './directory-syncs.ts';
import { fileCalls } from './file-calls.ts';

export interface NodeDiskFileOptions {
  /** The system's number of the open file, which is closed with this. */
  readonly descriptor: number;
  /** As the caller named it, for messages. */
  readonly path: string;
  readonly systemPath: string;
  readonly writable: boolean;
  readonly syncs: DirectorySyncs;
}

const WITH_FRACTIONS = { bigint: true } as const;

/** An open file of a nodeDisk. */
export class NodeDiskFile implements DiskFile {
  readonly #options: NodeDiskFileOptions;
  /** Calls under way: the number of the file is not to be given to another before they have ended. */
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;
  /** A file that may be new is only there after a power cut if its directory was synced too. */
  #entrySynced: boolean;
  /** Whether something may be written that the disk does not have. */
  #isDirty = false;

  constructor(options: NodeDiskFileOptions) {
    this.#options = options;
    this.#entrySynced = !options.writable;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    return this.#run('read', async (descriptor) => {
      // All of it is written, or cut off.
      const bytes = uninitialised(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await fileCalls.read(descriptor, bytes, filled, length - filled, position + filled);
        if (bytesRead === 0) return bytes.slice(0, filled);
        filled += bytesRead;
      }
      return bytes;
    });
  }

  async write(position: number, parts: readonly Uint8Array[]): Promise<void> {
    this.#assertWritable();
    return this.#run('write', async (descriptor) => {
      this.#isDirty = true;
      let at = position;
      let left = parts.filter(({ length }) => length > 0);
      while (left.length > 0) {
        const { bytesWritten } = await fileCalls.writev(descriptor, left, at);
        at += bytesWritten;
        left = without(left, bytesWritten);
      }
    });
  }

  async truncate(length: number): Promise<void> {
    this.#assertWritable();
    return this.#run('truncate', async (descriptor) => {
      this.#isDirty = true;
      await fileCalls.ftruncate(descriptor, length);
    });
  }

  async sync(): Promise<void> {
    return this.#run('sync', async (descriptor) => {
      // Beside each other: a power cut in between leaves no more than one before both.
      const named = this.#syncEntry();
      // Where the content fails that is what is told.
      named.catch(() => undefined);
      // What is written meanwhile may come too late.
      this.#isDirty = this.#running.size > 0;
      await fileCalls.fsync(descriptor).catch((error: unknown) => {
        this.#isDirty = true;
        throw error;
      });
      await named;
    });
  }

  async stat(): Promise<DiskStat> {
    return this.#run('look at', async (descriptor) =>
      toDiskStat(
        this.#isDirty ? await fileCalls.fstat(descriptor, WITH_FRACTIONS) : fstatSync(descriptor, WITH_FRACTIONS),
      ),
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { descriptor, path } = this.#options;
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    try {
      // With nothing to be written neither this nor a look waits for a disk, at most for one answer of a network file system; and going through a
      // thread costs many times what they do.
      if (this.#isDirty) await fileCalls.close(descriptor);
      else closeSync(descriptor);
    } catch (error) {
      throw fileError('close', path, error);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #syncEntry(): Promise<void> {
    if (this.#entrySynced) return;
    await this.#options.syncs.sync(dirname(this.#options.systemPath));
    this.#entrySynced = true;
  }

  #assertWritable(): void {
    const { writable, path } = this.#options;
    if (!writable) throw new KernelError('ERR_ACCESS_DENIED', `${JSON.stringify(path)} is open for reading only`);
  }

  async #run<T>(action: string, work: (descriptor: number) => Promise<T>): Promise<T> {
    const { descriptor, path } = this.#options;
    if (this.#closed) throw new KernelError('ERR_CLOSED', `${JSON.stringify(path)} is closed`);
    const running = work(descriptor);
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw fileError(action, path, error);
    } finally {
      this.#running.delete(running);
    }
  }
}

/** What is left of these arrays when so many of their bytes are done. */
function without(parts: readonly Uint8Array[], done: number): Uint8Array[] {
  let skip = done;
  return parts.flatMap((part) => {
    const skipped = Math.min(skip, part.length);
    skip -= skipped;
    return skipped < part.length ? [part.subarray(skipped)] : [];
  });
}

/** The facts of a file that Disk tells. */
export function toDiskStat(stats: BigIntStats): DiskStat {
  return {
    kind: entryKind(stats),
    size: Number(stats.size),
    modifiedMs: Number(stats.mtimeNs) / 1_000_000,
    inode: String(stats.ino),
  };
}

/** What the system says an entry is, in the words of Disk. */
export function entryKind(entry: { isFile(): boolean; isDirectory(): boolean }): EntryKind {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'directory' : 'other';
}
