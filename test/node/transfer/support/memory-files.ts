import { createHash } from 'node:crypto';
import { KernelError } from '../../../../src/kernel/index.ts';
import type { FileStore, IncomingFile, ServedFile } from '../../../../src/node/files/file-store.ts';
import type { SmallFileStore } from '../../../../src/node/files/small-files.ts';
import { GrowingPieces, NO_PIECES, allPieces } from '../../../../src/node/files/held-pieces.ts';
import {
  checkManifest,
  decodeManifest,
  encodeManifest,
  manifestHash,
  pieceCount,
  pieceRange,
  type Manifest,
} from '../../../../src/node/pieces/manifest.ts';
import { PieceSet } from '../../../../src/node/pieces/piece-set.ts';
import { blake3 } from '../../../../src/kit/blake3.ts';
import type { FileRecord } from '../../../../src/node/records.ts';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function recordOf(name: string, bytes: Uint8Array, writer = 'f'.repeat(32)): FileRecord {
  const version = new Map([[writer, 1]]);
  const size = bytes.length;
  return { name, checksum: sha256(bytes), size, modifiedMs: 0, user: 'alice', writer, version, manifest: '' };
}

/** The manifest of a content, encoded. */
export function manifestOf(record: FileRecord, bytes: Uint8Array, pieceLength: number): Uint8Array {
  const { checksum, name, size, version, writer } = record;
  const pieces = Array.from({ length: Math.ceil(size / pieceLength) }, (_, piece) =>
    blake3(bytes.subarray(piece * pieceLength, (piece + 1) * pieceLength)),
  );
  return encodeManifest({ name, size, checksum, version, writer, pieceLength, hashes: Buffer.concat(pieces) });
}

/** What is kept of a file in pieces that was given up. */
interface Kept {
  readonly bytes: Uint8Array;
  readonly held: Uint8Array;
}

/** A folder in memory that keeps the contract and counts what is left open. */
export class MemoryFiles implements FileStore {
  readonly contents = new Map<string, Uint8Array>();
  readonly records = new Map<string, FileRecord>();
  /** Encoded, by hash. */
  readonly manifests = new Map<string, Uint8Array>();
  /** Files in pieces that were given up, by the hash of their manifest. */
  readonly suspended = new Map<string, Kept>();
  /** Files on their way in, by name. */
  readonly arriving = new Map<string, { readonly record: FileRecord; readonly served: () => ServedFile }>();
  /** Names of the files that came whole. */
  readonly cameWhole: string[] = [];
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
  /** Whether what is received may be in another file. */
  mayReuse = false;
  /** What `open` rejects with. */
  failOpen: Error | undefined;
  /** What `receive` rejects with. */
  failReceive: Error | undefined;
  /** Changes or fails what is read to be served. */
  onRead: (bytes: Uint8Array, position: number) => Uint8Array | Promise<Uint8Array> = (bytes) => bytes;

  /** What takes small files whole. */
  get small(): SmallFileStore {
    return {
      takes: ({ manifest, name }) => !this.mayReuse && !this.records.has(name) && !this.manifests.has(manifest),
      put: async ({ bytes, encoded, manifest, record }) => {
        checkManifest(manifest, record);
        await this.beforeWrite();
        const failure = this.failWrite(this.writtenBytes);
        if (failure !== undefined) throw failure;
        if (sha256(bytes) !== record.checksum) throw new KernelError('ERR_CHECKSUM', record.name);
        this.writtenBytes += bytes.length;
        this.manifests.set(record.manifest, encoded);
        this.cameWhole.push(this.add(record, bytes.slice()).name);
      },
    };
  }

  add(record: FileRecord, bytes: Uint8Array): FileRecord {
    this.contents.set(record.name, bytes);
    this.records.set(record.name, record);
    return record;
  }

  /** As `add`, of a file that is made of pieces. Returns its record. */
  addInPieces(record: FileRecord, bytes: Uint8Array, pieceLength: number): FileRecord {
    const encoded = manifestOf(record, bytes, pieceLength);
    const manifest = manifestHash(encoded);
    this.manifests.set(manifest, encoded);
    return this.add({ ...record, manifest }, bytes);
  }

  async open(name: string, checksum: string): Promise<ServedFile> {
    if (this.failOpen !== undefined) throw this.failOpen;
    const record = this.records.get(name);
    const content = this.contents.get(name);
    const arriving = this.arriving.get(name);
    if (record === undefined || content === undefined || (checksum !== '' && checksum !== record.checksum)) {
      if (arriving === undefined || checksum !== arriving.record.checksum)
        throw new KernelError('ERR_NO_SUCH_FILE', name);
      return arriving.served();
    }
    const manifest = this.manifests.get(record.manifest);
    const pieces = manifest === undefined ? NO_PIECES : allPieces(pieceCount(decodeManifest(manifest)));
    return { record, file: this.#opened(content), manifest, pieces };
  }

  #opened(content: Uint8Array): ServedFile['file'] {
    this.opened++;
    let closed = false;
    return {
      read: async (position, length) => {
        if (closed) throw new Error('read from a file that was closed');
        return this.onRead(content.slice(position, position + length), position);
      },
      close: async () => {
        if (!closed) this.opened--;
        closed = true;
      },
    };
  }

  holds(name: string, checksum: string): boolean {
    return this.records.get(name)?.checksum === checksum;
  }

  async receive(record: FileRecord): Promise<IncomingFile> {
    if (record.name.startsWith('..')) throw new KernelError('ERR_NAME', record.name);
    if (this.failReceive !== undefined) throw this.failReceive;
    const kept = record.manifest === '' ? undefined : this.suspended.get(record.manifest);
    const bytes = kept?.bytes ?? new Uint8Array(record.size);
    this.partial++;
    let manifest: Manifest | undefined;
    let set = new PieceSet(0);
    let held = NO_PIECES;
    let growing: GrowingPieces | undefined;
    let ended = false;
    let writes = 0;
    const begin = (encoded: Uint8Array, from: PieceSet) => {
      manifest = decodeManifest(encoded);
      checkManifest(manifest, record);
      this.manifests.set(record.manifest, encoded);
      set = from;
      growing = new GrowingPieces(set);
      held = growing;
      const served = () => ({ record, file: this.#opened(bytes), manifest: encoded, pieces: held });
      this.arriving.set(record.name, { record, served });
      return manifest;
    };
    const end = () => {
      if (!ended) this.partial--;
      ended = true;
      this.arriving.delete(record.name);
    };
    const write = async (position: number, part: Uint8Array) => {
      if (position + part.length > record.size) throw new RangeError('beyond the end');
      this.mostWrites = Math.max(this.mostWrites, ++writes);
      await this.beforeWrite();
      writes--;
      if (ended) this.lateWrites++;
      const failure = this.failWrite(this.writtenBytes);
      if (failure !== undefined) throw failure;
      bytes.set(part, position);
      this.writtenBytes += part.length;
    };
    const encoded = this.manifests.get(record.manifest);
    if (kept !== undefined && encoded !== undefined) {
      const { size, pieceLength } = decodeManifest(encoded);
      begin(encoded, PieceSet.fromBytes(pieceCount({ size, pieceLength }), kept.held));
    }
    return {
      get manifest() {
        return manifest;
      },
      get held() {
        return held;
      },
      reusedBytes: 0,
      mayReuse: this.mayReuse,
      begin: async (given) => {
        if (manifestHash(given) !== record.manifest) throw new KernelError('ERR_MANIFEST', record.name);
        return begin(given, new PieceSet(pieceCount(decodeManifest(given))));
      },
      writePiece: async (piece, part) => {
        if (manifest === undefined || part.length !== pieceRange(manifest, piece).length)
          throw new RangeError('no piece');
        await write(pieceRange(manifest, piece).position, part);
        growing?.add(piece);
      },
      suspend: async () => {
        if (!ended && manifest !== undefined) this.suspended.set(record.manifest, { bytes, held: set.toBytes() });
        end();
      },
      write: (position, part) => write(position, part),
      commit: async ({ signal } = {}) => {
        await this.beforeCommit();
        end();
        signal?.throwIfAborted();
        if (manifest !== undefined && !set.complete) throw new Error('a piece is missing');
        if (sha256(bytes) !== record.checksum)
          throw new KernelError('ERR_CHECKSUM', `${record.name} is not what it should be`);
        this.suspended.delete(record.manifest);
        this.add(record, bytes);
      },
      discard: async () => end(),
    };
  }
}
