import { createHash } from 'node:crypto';
import { KernelError } from '../../../../src/kernel/index.ts';
import type { FileStore, IncomingFile, ServedFile } from '../../../../src/node/files/file-store.ts';
import { NO_PIECES } from '../../../../src/node/files/held-pieces.ts';
import type { FileRecord } from '../../../../src/node/records.ts';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function recordOf(name: string, bytes: Uint8Array, writer = 'f'.repeat(32)): FileRecord {
  const version = new Map([[writer, 1]]);
  const size = bytes.length;
  return { name, checksum: sha256(bytes), size, modifiedMs: 0, user: 'alice', writer, version, manifest: '' };
}

/** A folder in memory that keeps the contract and counts what is left open. */
export class MemoryFiles implements FileStore {
  readonly contents = new Map<string, Uint8Array>();
  readonly records = new Map<string, FileRecord>();
  /** Partial files that exist. */
  partial = 0;
  /** Served files that are open. */
  opened = 0;
  /** Bytes written to partial files, in all. */
  writtenBytes = 0;
  /** Writes that ran on into a file that had been committed or discarded. */
  lateWrites = 0;
  /** Most writes that were under way at once. */
  mostWrites = 0;
  /** Fails a write, given the bytes written before it. */
  failWrite: (writtenBytes: number) => Error | undefined = () => undefined;
  /** Holds a write back. */
  beforeWrite: () => Promise<void> = async () => undefined;
  /** Holds a commit back. */
  beforeCommit: () => Promise<void> = async () => undefined;
  /** What `open` rejects with. */
  failOpen: Error | undefined;
  /** What `receive` rejects with. */
  failReceive: Error | undefined;
  /** Changes or fails what is read to be served. */
  onRead: (bytes: Uint8Array, position: number) => Uint8Array | Promise<Uint8Array> = (bytes) => bytes;

  add(record: FileRecord, bytes: Uint8Array): FileRecord {
    this.contents.set(record.name, bytes);
    this.records.set(record.name, record);
    return record;
  }

  async open(name: string, checksum: string): Promise<ServedFile> {
    if (this.failOpen !== undefined) throw this.failOpen;
    const record = this.records.get(name);
    const content = this.contents.get(name);
    if (record === undefined || content === undefined) throw new KernelError('ERR_NO_SUCH_FILE', name);
    if (checksum !== '' && checksum !== record.checksum) throw new KernelError('ERR_NO_SUCH_FILE', name);
    this.opened++;
    let closed = false;
    const read = async (position: number, length: number) => {
      if (closed) throw new Error('read from a file that was closed');
      return this.onRead(content.slice(position, position + length), position);
    };
    const close = async () => {
      if (!closed) this.opened--;
      closed = true;
    };
    return { record, file: { read, close }, manifest: undefined, pieces: NO_PIECES };
  }

  holds(name: string, checksum: string): boolean {
    return this.records.get(name)?.checksum === checksum;
  }

  async receive(record: FileRecord): Promise<IncomingFile> {
    if (record.name.startsWith('..')) throw new KernelError('ERR_NAME', record.name);
    if (this.failReceive !== undefined) throw this.failReceive;
    const bytes = new Uint8Array(record.size);
    this.partial++;
    let ended = false;
    let writes = 0;
    const end = () => {
      if (!ended) this.partial--;
      ended = true;
    };
    return {
      manifest: undefined,
      held: NO_PIECES,
      reusedBytes: 0,
      begin: () => Promise.reject(new KernelError('ERR_MANIFEST', record.name)),
      writePiece: () => Promise.reject(new RangeError('a file without a manifest has no pieces')),
      suspend: async () => end(),
      write: async (position, part) => {
        if (position + part.length > record.size) throw new RangeError('beyond the end');
        this.mostWrites = Math.max(this.mostWrites, ++writes);
        await this.beforeWrite();
        writes--;
        if (ended) this.lateWrites++;
        const failure = this.failWrite(this.writtenBytes);
        if (failure !== undefined) throw failure;
        bytes.set(part, position);
        this.writtenBytes += part.length;
      },
      commit: async ({ signal } = {}) => {
        await this.beforeCommit();
        end();
        signal?.throwIfAborted();
        if (sha256(bytes) !== record.checksum)
          throw new KernelError('ERR_CHECKSUM', `${record.name} is not what it should be`);
        this.add(record, bytes);
      },
      discard: async () => end(),
    };
  }
}
