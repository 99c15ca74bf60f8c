import { KernelError, type Clock, type Disk, type DiskFile, type Hasher, type Logger } from '../../kernel/index.ts';
import { sha256 } from '../../kit/sha256.ts';
import { isPiece, pieceCount, pieceRange, type Manifest } from '../pieces/manifest.ts';
import { PieceSet } from '../pieces/piece-set.ts';
import { factsOf, type FileFacts } from './file-facts.ts';
import { GatheredWrites } from './gathered-writes.ts';
import { GrowingPieces } from './held-pieces.ts';
import type { ContentCheck } from './holding.ts';
import type { PartialPlace } from './partial-files.ts';
import type { FindOptions, ReusablePieces } from './reusable-pieces.ts';
import { SavedProgress } from './saved-progress.ts';

export interface PieceFileOptions {
  readonly disk: Pick<Disk, 'open'>;
  readonly hasher: Pick<Hasher, 'create' | 'hashPiece'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly manifest: Manifest;
  readonly place: PartialPlace;
}

/** Bytes that are hashed on the spot: to hand them to the hashing thread, and to hear of it, takes as long. */
const HASHED_AT_ONCE = 64 * 1024;

/** A file that is whole on disk. */
export interface FinishedFile {
  readonly facts: FileFacts;
  readonly check: ContentCheck;
}

/** The partial file of one manifest, open: which pieces it has, in memory and, somewhat later, on disk. */
export class PieceFile {
  readonly manifest: Manifest;
  readonly held: GrowingPieces;
  readonly #options: PieceFileOptions;
  readonly #file: DiskFile;
  readonly #writes: GatheredWrites;
  readonly #progress: SavedProgress;
  /** Of a file of one piece, which is verified by it at once: that costs less than to read it again later. */
  #checksum: Promise<string> | undefined;

  /** @param file at the place, open for writing; closed with this. */
  constructor(options: PieceFileOptions, file: DiskFile) {
    this.#options = options;
    this.#file = file;
    this.#writes = new GatheredWrites(file);
    this.manifest = options.manifest;
    this.held = new GrowingPieces(new PieceSet(pieceCount(options.manifest)));
    const { name } = options.manifest;
    this.#progress = new SavedProgress({ ...options, name, file, held: () => this.held.set.toBytes() });
  }

  get path(): string {
    return this.#options.place.path;
  }

  /**
   * Holds what an earlier attempt left, and has the file remembered from now on. Every piece is looked at, whatever was written down: a
   * killed process leaves more on disk than it came to say, and a power cut may leave less. Returns the bytes. Rejects with the signal's
   * reason and the codes of the disk.
   */
  async resume(signal: AbortSignal): Promise<number> {
    const { place } = this.#options;
    const { count } = this.held.set;
    if (place.saved === undefined) {
      // Of a single piece there is never a part to go on with.
      if (count > 1) await place.save(this.held.set.toBytes());
      return 0;
    }
    const { size } = await this.#file.stat();
    let bytes = 0;
    for (let piece = 0; piece < count; piece++) {
      signal.throwIfAborted();
      const { position, length } = pieceRange(this.manifest, piece);
      if (position + length > size || !(await this.#isSound(piece))) continue;
      this.held.add(piece);
      bytes += length;
    }
    return bytes;
  }

  /** Holds what other files have of it. Calls back with the bytes of each piece. Rejects as `resume`. */
  async reuse(
    reusable: ReusablePieces,
    options: FindOptions & { readonly signal: AbortSignal },
    onReused: (bytes: number) => void,
  ): Promise<void> {
    for await (const { piece, bytes } of reusable.find(this.manifest, this.held.set.missing(), options)) {
      await this.write(piece, bytes);
      onReused(bytes.length);
    }
    options.signal.throwIfAborted();
  }

  /** Writes a piece, which the caller verified. Rejects with RangeError for one there is none of, and the codes of the disk, as soon as it lost a write. */
  async write(piece: number, bytes: Uint8Array): Promise<void> {
    const { position, length } = pieceRange(this.manifest, piece);
    if (bytes.length !== length) throw new RangeError(`piece ${piece} has ${length} bytes, not ${bytes.length}`);
    if (this.#progress.loss !== undefined) throw this.#progress.loss;
    if (this.held.set.has(piece)) return;
    if (this.held.set.count === 1) this.#hashWhole(bytes);
    await this.#writes.write(position, bytes);
    this.held.add(piece);
    this.#progress.written(length);
  }

  /** Resolves when nothing is being written any more. Nothing is to be written from then on. */
  async settle(): Promise<void> {
    await Promise.all([this.#progress.settle(), this.#writes.settled()]);
  }

  /**
   * The whole file, once the disk has it. Rejects with ERR_CHECKSUM where the checksum is known and not the promised one, ERR_FILE_CHANGED and
   * the codes of the disk.
   */
  async finish(): Promise<FinishedFile> {
    const { size, name } = this.manifest;
    const check = await this.#verify();
    let facts = await this.#sync();
    // What an earlier attempt left behind the end.
    if (facts !== undefined && facts.size > size) {
      await this.#file.truncate(size);
      facts = await this.#sync();
    }
    if (facts?.size === size) return { facts, check };
    throw new KernelError('ERR_FILE_CHANGED', `the partial file of ${JSON.stringify(name)} is no longer there`);
  }

  /** Closes the file, and keeps what it holds for another attempt, where the disk has it. */
  async keep(): Promise<void> {
    if (this.held.set.size > 0) await this.#progress.save();
    if (this.held.set.size === 0 || this.#progress.loss !== undefined) {
      await this.remove();
      return;
    }
    await this.#file.close();
    await this.#options.place.release();
  }

  /** Closes the file, which has its name now. */
  async moved(): Promise<void> {
    await this.#file.close();
    await this.#options.place.moved();
  }

  /** Closes the file and removes it, where it is still at its place. */
  async remove(): Promise<void> {
    await this.#file.close();
    await this.#options.place.remove();
  }

  /** Opens the file once more, for reading what it holds. */
  async openToRead(): Promise<DiskFile> {
    return this.#options.disk.open(this.#options.place.path, 'read');
  }

  /** @throws ERR_NO_SUCH_FILE where a range touches a piece that is not held */
  assertHeld(position: number, length: number): void {
    const { pieceLength, name } = this.manifest;
    const { set } = this.held;
    const end = Math.min(Math.ceil((position + length) / pieceLength), set.count);
    for (let piece = Math.floor(position / pieceLength); piece < end; piece++) {
      if (set.has(piece)) continue;
      throw new KernelError('ERR_NO_SUCH_FILE', `piece ${piece} of ${JSON.stringify(name)} is not here yet`);
    }
  }

  async #sync(): Promise<FileFacts | undefined> {
    await this.#progress.sync();
    return factsOf(await this.#file.stat());
  }

  #hashWhole(bytes: Uint8Array): void {
    if (bytes.length <= HASHED_AT_ONCE) {
      this.#checksum = Promise.resolve(sha256(bytes));
      return;
    }
    const stream = this.#options.hasher.create();
    // The bytes are the caller's.
    this.#checksum = stream.update(bytes.slice()).then(async () => (await stream.digest()).checksum);
    // Asked for at the end, which may not come.
    this.#checksum.catch(() => undefined);
  }

  async #verify(): Promise<ContentCheck> {
    const found = await this.#checksum;
    if (found === undefined) return 'due';
    const { checksum, name, writer } = this.manifest;
    if (found === checksum) return 'done';
    this.#options.logger.error('file.false_content', { name, checksum, found, writer });
    throw new KernelError('ERR_CHECKSUM', `${JSON.stringify(name)} is not what its writer ${writer} promised`);
  }

  async #isSound(piece: number): Promise<boolean> {
    const { position, length } = pieceRange(this.manifest, piece);
    const bytes = await this.#file.read(position, length);
    return isPiece(this.manifest, piece, this.#options.hasher.hashPiece(bytes));
  }
}
