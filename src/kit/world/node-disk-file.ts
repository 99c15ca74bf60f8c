import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KernelError, type DiskFile, type DiskStat, type EntryKind } from '../../kernel/index.ts';
import { fileError } from './disk-errors.ts';
import type { DirectorySyncs } from './directory-syncs.ts';

export interface NodeDiskFileOptions {
  readonly handle: FileHandle;
  /** As the caller named it, for messages. */
  readonly path: string;
  readonly systemPath: string;
  readonly writable: boolean;
  readonly syncs: DirectorySyncs;
}

/** An open file of a nodeDisk. */
export class NodeDiskFile implements DiskFile {
  readonly #options: NodeDiskFileOptions;
  #closed = false;
  /** A file that may be new is only there after a power cut if its directory was synced too. */
  #entrySynced: boolean;

  constructor(options: NodeDiskFileOptions) {
    this.#options = options;
    this.#entrySynced = !options.writable;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    return this.#run('read', async (handle) => {
      // Not zeroed: all of it is written, or cut off. Not from the pool, since whoever has it may give its memory back.
      const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
        if (bytesRead === 0) return bytes.slice(0, filled);
        filled += bytesRead;
      }
      return bytes;
    });
  }

  async write(position: number, ...parts: readonly Uint8Array[]): Promise<void> {
    this.#assertWritable();
    return this.#run('write', async (handle) => {
      let at = position;
      let left = parts.filter(({ length }) => length > 0);
      while (left.length > 0) {
        const { bytesWritten } = await handle.writev(left, at);
        at += bytesWritten;
        left = without(left, bytesWritten);
      }
    });
  }

  async truncate(length: number): Promise<void> {
    this.#assertWritable();
    return this.#run('truncate', (handle) => handle.truncate(length));
  }

  async sync(): Promise<void> {
    return this.#run('sync', async (handle) => {
      await handle.sync();
      if (this.#entrySynced) return;
      await this.#options.syncs.sync(dirname(this.#options.systemPath));
      this.#entrySynced = true;
    });
  }

  async stat(): Promise<DiskStat> {
    return this.#run('look at', async (handle) => toDiskStat(await handle.stat({ bigint: true })));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#options.handle.close().catch((error: unknown) => {
      throw fileError('close', this.#options.path, error);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #assertWritable(): void {
    const { writable, path } = this.#options;
    if (!writable) throw new KernelError('ERR_ACCESS_DENIED', `${JSON.stringify(path)} is open for reading only`);
  }

  async #run<T>(action: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
    const { handle, path } = this.#options;
    if (this.#closed) throw new KernelError('ERR_CLOSED', `${JSON.stringify(path)} is closed`);
    try {
      return await work(handle);
    } catch (error) {
      throw fileError(action, path, error);
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
