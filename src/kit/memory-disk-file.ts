import { KernelError, type DiskFile, type DiskStat } from '../kernel/index.ts';
import type { MemoryFile } from './memory-tree.ts';

/** What an open file asks of, and tells, the disk it is on. */
export interface MemoryDiskFileHost {
  readonly writable: boolean;
  /** Throws where the path is broken or the power failed. */
  assertWorks(): void;
  /** Throws ERR_DISK_FULL where this many bytes more do not fit. */
  assertRoom(growth: number): void;
  changed(): void;
  synced(): void;
  stat(): DiskStat;
}

/** An open file of a MemoryDisk. */
export class MemoryDiskFile implements DiskFile {
  readonly #file: MemoryFile;
  readonly #path: string;
  readonly #host: MemoryDiskFileHost;
  #closed = false;

  constructor(file: MemoryFile, path: string, host: MemoryDiskFileHost) {
    this.#file = file;
    this.#path = path;
    this.#host = host;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    this.#assertOpen();
    return this.#file.content.read(position, length);
  }

  async write(position: number, parts: readonly Uint8Array[]): Promise<void> {
    this.#assertWritable();
    const { content } = this.#file;
    const end = parts.reduce((sum, { length }) => sum + length, position);
    this.#host.assertRoom(Math.max(0, end - content.length));
    let at = position;
    for (const bytes of parts) {
      content.write(at, bytes);
      at += bytes.length;
    }
    this.#host.changed();
  }

  async truncate(length: number): Promise<void> {
    this.#assertWritable();
    this.#host.assertRoom(length - this.#file.content.length);
    this.#file.content.truncate(length);
    this.#host.changed();
  }

  async sync(): Promise<void> {
    this.#assertOpen();
    this.#file.content.sync();
    this.#host.synced();
  }

  async stat(): Promise<DiskStat> {
    this.#assertOpen();
    return this.#host.stat();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new KernelError('ERR_CLOSED', `${JSON.stringify(this.#path)} is closed`);
    this.#host.assertWorks();
  }

  #assertWritable(): void {
    this.#assertOpen();
    if (this.#host.writable) return;
    throw new KernelError('ERR_ACCESS_DENIED', `${JSON.stringify(this.#path)} is open for reading only`);
  }
}
