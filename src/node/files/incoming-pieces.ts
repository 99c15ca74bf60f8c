import { KernelError, errorCode, type AbortOptions, type Disk, type DiskFile } from '../../kernel/index.ts';
import { checkManifest, decodeManifest, manifestHash, type Manifest } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';
import { factsOf, sameFacts, type FileFacts } from './file-facts.ts';
import type { HeldPieces, IncomingFile, ServedFile } from './file-store.ts';
import { NO_PIECES } from './held-pieces.ts';
import type { ManifestTable } from './manifest-table.ts';
import type { PartialFiles, PartialPlace } from './partial-files.ts';
import { PieceFile, type PieceFileOptions } from './piece-file.ts';
import type { Placement } from './placement.ts';
import type { Promised } from './promised-space.ts';
import type { ReusablePieces } from './reusable-pieces.ts';

export interface IncomingPiecesOptions extends Omit<PieceFileOptions, 'manifest' | 'place'> {
  readonly placement: Pick<Placement, 'place'>;
  readonly manifests: ManifestTable;
  readonly partials: PartialFiles;
  readonly reusable: ReusablePieces;
  readonly record: FileRecord;
  /** The space that is kept for the file. */
  readonly promised: Promised;
  /** Called once the file has ended, placed or not. */
  onEnded(placed: boolean): void;
}

/** A file on its way in whose record names a manifest; see IncomingFile. */
export class IncomingPieces implements IncomingFile {
  readonly #options: IncomingPiecesOptions;
  readonly #ending = new AbortController();
  #encoded: Uint8Array | undefined;
  #file: PieceFile | undefined;
  #beginning: Promise<Manifest> | undefined;
  #reusedBytes = 0;
  #ended: Promise<void> | undefined;
  /** What became of the partial file: it is here, or has its name, with these facts, or was kept or removed. */
  #whereabouts: 'here' | 'gone' | FileFacts = 'here';

  constructor(options: IncomingPiecesOptions) {
    this.#options = options;
  }

  get record(): FileRecord {
    return this.#options.record;
  }

  get manifest(): Manifest | undefined {
    return this.#file?.manifest;
  }

  get held(): HeldPieces {
    return this.#file?.held ?? NO_PIECES;
  }

  get mayReuse(): boolean {
    return this.#options.reusable.mayHave(this.record);
  }

  get reusedBytes(): number {
    return this.#reusedBytes;
  }

  async begin(encoded: Uint8Array, options: AbortOptions = {}): Promise<Manifest> {
    this.#assertOpen();
    this.#beginning ??= this.#begin(encoded, options).catch((error: unknown) => {
      // Another manifest, or another attempt, may do.
      this.#beginning = undefined;
      throw error;
    });
    return this.#beginning;
  }

  async writePiece(piece: number, bytes: Uint8Array): Promise<void> {
    this.#assertOpen();
    await this.#begun().write(piece, bytes);
    this.#options.promised.release(bytes.length);
  }

  async write(): Promise<never> {
    throw new RangeError('a file with a manifest is written by pieces');
  }

  async commit(options: AbortOptions = {}): Promise<void> {
    this.#assertOpen();
    const file = this.#begun();
    const { complete, count, size } = file.held.set;
    if (!complete) throw new RangeError(`${count - size} pieces of ${JSON.stringify(this.record.name)} are missing`);
    const committed = this.#commit(file, options);
    this.#ended = committed.catch(() => undefined);
    await committed;
  }

  async suspend(): Promise<void> {
    this.#ended ??= this.#end((file) => file.keep());
    await this.#ended;
  }

  async discard(): Promise<void> {
    this.#ended ??= this.#end((file) => file.remove());
    await this.#ended;
  }

  /** Opens what is here so far for serving; `undefined` where nothing is known of it, or it is no longer on its way. */
  async open(): Promise<ServedFile | undefined> {
    const { record } = this;
    const partial = this.#file;
    if (partial === undefined || this.#encoded === undefined || this.#whereabouts !== 'here') return undefined;
    const file = await partial.openToRead().catch((error: unknown) => {
      if (errorCode(error) === 'ERR_NOT_FOUND') return undefined;
      throw error;
    });
    if (file === undefined) return undefined;
    const read = async (position: number, length: number) => {
      partial.assertHeld(position, length);
      const bytes = await file.read(position, length);
      if (this.#whereabouts !== 'here') this.#assertPlaced(factsOf(await file.stat()));
      return bytes;
    };
    return { record, file: { read, close: () => file.close() }, manifest: this.#encoded, pieces: partial.held };
  }

  async #begin(encoded: Uint8Array, { signal }: AbortOptions): Promise<Manifest> {
    const { disk, manifests, partials, record, reusable, promised } = this.#options;
    if (manifestHash(encoded) !== record.manifest) {
      throw new KernelError('ERR_MANIFEST', `it is not the manifest of the record of ${JSON.stringify(record.name)}`);
    }
    const manifest = decodeManifest(encoded);
    checkManifest(manifest, record);
    manifests.putEncoded(record.manifest, encoded);
    const place = partials.acquire(record);
    const opened = await openPlace(disk, place).catch(async (error: unknown) => {
      await place.release();
      throw error;
    });
    const file = new PieceFile({ ...this.#options, manifest, place }, opened);
    const either = signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]);
    try {
      this.#reusedBytes += await file.resume(either);
      await file.reuse(reusable, { signal: either, hash: record.manifest }, (bytes) => {
        this.#reusedBytes += bytes;
        promised.release(bytes);
      });
    } catch (error) {
      await file.settle();
      await file.keep();
      throw error;
    }
    this.#encoded = encoded;
    this.#file = file;
    return manifest;
  }

  async #commit(file: PieceFile, { signal }: AbortOptions): Promise<void> {
    const { partials, placement, record } = this.#options;
    let moved: boolean;
    try {
      await file.settle();
      const { facts, check } = await file.finish();
      signal?.throwIfAborted();
      const { path: source } = file;
      const { name } = record;
      const scratch = !partials.isKept(record);
      moved = await placement.place({ name, source, facts, local: false, scratch, check, describe: () => record });
      this.#whereabouts = facts;
    } catch (error) {
      await this.#end((each) => (errorCode(error) === 'ERR_CHECKSUM' ? each.remove() : each.keep()));
      throw error;
    }
    await this.#end((each) => (moved ? each.moved() : each.remove()));
    await partials.dropOthers(record);
  }

  /** Ends the file; `leave` says what becomes of the partial one. */
  async #end(leave: (file: PieceFile) => Promise<void>): Promise<void> {
    const { onEnded, promised } = this.#options;
    this.#ending.abort(new KernelError('ERR_CLOSED', `the receiving of ${JSON.stringify(this.record.name)} was ended`));
    await this.#beginning?.catch(() => undefined);
    await this.#file?.settle();
    if (this.#whereabouts === 'here') this.#whereabouts = 'gone';
    promised.end();
    try {
      if (this.#file !== undefined) await leave(this.#file);
    } finally {
      onEnded(this.#whereabouts !== 'gone');
    }
  }

  #assertOpen(): void {
    if (this.#ended === undefined) return;
    throw new KernelError('ERR_CLOSED', `the receiving of ${JSON.stringify(this.record.name)} has ended`);
  }

  #begun(): PieceFile {
    if (this.#file === undefined) throw new RangeError('the manifest of the file is not known yet');
    return this.#file;
  }

  /** What was placed is served on for as long as nobody changes it. */
  #assertPlaced(facts: FileFacts | undefined): void {
    const where = this.#whereabouts;
    if (typeof where === 'object' && sameFacts(where, facts)) return;
    throw new KernelError('ERR_FILE_CHANGED', `${JSON.stringify(this.record.name)} is no longer on its way in`);
  }
}

/** Opens a partial file. One that is not being gone on with is new, unless a failure left something in its place. */
async function openPlace(disk: Pick<Disk, 'open'>, { path, saved }: PartialPlace): Promise<DiskFile> {
  if (saved !== undefined) return disk.open(path, 'write');
  return disk.open(path, 'create').catch((error: unknown) => {
    if (errorCode(error) !== 'ERR_EXISTS') throw error;
    return disk.open(path, 'write');
  });
}
