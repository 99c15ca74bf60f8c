import { errorCode, type AbortOptions, type Disk, type DiskFile, type Hasher } from '../../kernel/index.ts';
import { asBuffer } from '../../kit/as-buffer.ts';
import { pieceHash, pieceRange, isPiece, pieceCount, type Manifest } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';
import { factsOf, sameFacts, type FileFacts } from './file-facts.ts';
import { readManifest, type ManifestTable } from './manifest-table.ts';
import type { OwnFiles } from './own-files.ts';

export interface ReusablePiecesOptions {
  readonly disk: Pick<Disk, 'open'>;
  readonly hasher: Pick<Hasher, 'hashPiece'>;
  readonly own: OwnFiles;
  readonly manifests: ManifestTable;
  /** Where the content of a manifest is kept for others, if it is. */
  replica(manifest: string): { readonly path: string; readonly facts: FileFacts } | undefined;
  /** The path of what came of a manifest's content before its fetch was given up, if anything did. */
  partial(manifest: string): string | undefined;
}

/** A piece as it was read from another file. */
export interface ReusedPiece {
  readonly piece: number;
  readonly bytes: Uint8Array;
}

export interface FindOptions extends AbortOptions {
  /** The hash of the manifest whose pieces are looked for. */
  readonly hash?: string | undefined;
}

/** A file of the folder that has a piece. */
interface Owner {
  readonly name: string;
  /** The hash of the manifest that said so: while the folder holds that, it is true, and while a part of it is here it may be. */
  readonly manifest: string;
  readonly size: number;
  readonly pieceLength: number;
}

interface Place {
  readonly owner: Owner;
  readonly piece: number;
}

/** Where a piece was last heard of. */
interface KnownPlace extends Place {
  /** Where it was held then: the last may be a file on its way in, which puts this one out of its place when it is there, or never comes. */
  readonly held: Place | undefined;
}

/** A file that has pieces. */
interface Located {
  readonly path: string;
  /** What it is like while it has them; of a part of a file that is not known. */
  readonly facts: FileFacts | undefined;
}

interface OpenOwner extends AsyncDisposable {
  readonly owner: Owner;
  readonly file: DiskFile;
}

/** Pieces remembered: 128 GiB at the usual length, in some 60 MB. The oldest give way. */
const MAX_PLACES = 2 ** 19;
/** Manifests read at a time. */
const BATCH = 256;
/** Bytes of a hash that a piece is looked up by: 48 bits, which a number holds. What two pieces share by chance is told apart by the whole hash. */
const KEY_LENGTH = 6;

/**
 * Finds pieces of a file that is to be received in what is here already: in an older version of it or any other file of the folder, and in what came of
 * either before it was given up. The manifests are read when the first file is to be received, and then as they come.
 */
export class ReusablePieces {
  readonly #options: ReusablePiecesOptions;
  readonly #places = new Map<number, KnownPlace>();
  /** Manifests that are not yet among the places. */
  readonly #unread = new Set<string>();
  #reading: Promise<void> | undefined;

  constructor(options: ReusablePiecesOptions) {
    this.#options = options;
    options.manifests.observe((hash) => this.#unread.add(hash));
  }

  /** Whether the folder, or what is kept for others, holds an older version of a file or another of the same content. */
  mayHave({ checksum, manifest, name }: Pick<FileRecord, 'checksum' | 'manifest' | 'name'>): boolean {
    const { own, replica } = this.#options;
    return own.holding(name) !== undefined || own.holdsContent(checksum) || replica(manifest) !== undefined;
  }

  /** Those of the pieces of a manifest that are found, each verified. What cannot be read is left out. Rejects with the signal's reason. */
  async *find(
    manifest: Manifest,
    pieces: readonly number[],
    { signal, hash }: FindOptions = {},
  ): AsyncGenerator<ReusedPiece> {
    await this.#readManifests();
    const { name, size, pieceLength } = manifest;
    const whole = hash === undefined ? undefined : { name, size, pieceLength, manifest: hash };
    let open: OpenOwner | undefined;
    try {
      for (const piece of pieces) {
        signal?.throwIfAborted();
        // What is kept for others of the very same is looked for first: whatever else has the piece may be forgotten, or gone.
        const isKept = whole !== undefined && this.#isHeld(whole);
        const place = isKept ? { owner: whole, piece } : this.#placeOf(manifest, piece, hash);
        if (place === undefined) continue;
        if (open?.owner !== place.owner) {
          await open?.[Symbol.asyncDispose]();
          open = await this.#open(place.owner);
        }
        const bytes = await this.#read(open, manifest, piece, place);
        if (bytes !== undefined) yield { piece, bytes };
      }
    } finally {
      await open?.[Symbol.asyncDispose]();
    }
  }

  /** Where a piece of the same hash and length is; not in what came of the very manifest, which has been looked at. */
  #placeOf(manifest: Manifest, piece: number, hash: string | undefined): Place | undefined {
    const place = this.#heldOf(this.#places.get(keyOf(pieceHash(manifest, piece))), hash);
    if (place === undefined) return undefined;
    const hasLength = pieceRange(place.owner, place.piece).length === pieceRange(manifest, piece).length;
    return hasLength ? place : undefined;
  }

  /** Of the places of a piece the last that is held now, or else the last that may have it. */
  #heldOf(known: KnownPlace | undefined, besides?: string): Place | undefined {
    const places = [known, known?.held].filter((place) => place !== undefined);
    const mayHave = ({ manifest }: Owner) => manifest !== besides && this.#options.partial(manifest) !== undefined;
    return places.find(({ owner }) => this.#isHeld(owner)) ?? places.find(({ owner }) => mayHave(owner));
  }

  #isHeld(owner: Owner): boolean {
    return this.#locateWhole(owner) !== undefined;
  }

  #locate(owner: Owner): Located | undefined {
    const whole = this.#locateWhole(owner);
    if (whole !== undefined) return whole;
    const path = this.#options.partial(owner.manifest);
    return path === undefined ? undefined : { path, facts: undefined };
  }

  #locateWhole({ name, manifest }: Owner): Located | undefined {
    const { own, replica } = this.#options;
    const holding = own.holding(name);
    return holding?.record.manifest === manifest ? { path: name, facts: holding.facts } : replica(manifest);
  }

  async #open(owner: Owner): Promise<OpenOwner | undefined> {
    const located = this.#locate(owner);
    if (located === undefined) return undefined;
    try {
      const file = await this.#options.disk.open(located.path, 'read');
      const opened = { owner, file, [Symbol.asyncDispose]: () => file.close() };
      if (located.facts === undefined || sameFacts(located.facts, factsOf(await file.stat()))) return opened;
      await file.close();
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
    return undefined;
  }

  async #read(
    open: OpenOwner | undefined,
    manifest: Manifest,
    piece: number,
    place: Place,
  ): Promise<Uint8Array | undefined> {
    if (open === undefined) return undefined;
    try {
      const { position, length } = pieceRange(open.owner, place.piece);
      const bytes = await open.file.read(position, length);
      return isPiece(manifest, piece, this.#options.hasher.hashPiece(bytes)) ? bytes : undefined;
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return undefined;
    }
  }

  /** Whoever comes while others wait for the same waits with them. */
  async #readManifests(): Promise<void> {
    while (this.#unread.size > 0) {
      this.#reading ??= this.#readSome().finally(() => (this.#reading = undefined));
      await this.#reading;
    }
  }

  async #readSome(): Promise<void> {
    const { manifests } = this.#options;
    const hashes = [...this.#unread].slice(0, BATCH);
    for (const hash of hashes) this.#unread.delete(hash);
    const found = await Promise.all(hashes.map((hash) => manifests.get(hash)));
    for (const [index, hash] of hashes.entries()) {
      const manifest = readManifest(found[index]);
      if (manifest !== undefined) this.#add(hash, manifest);
    }
  }

  #add(hash: string, manifest: Manifest): void {
    const { name, size, pieceLength } = manifest;
    const owner = { name, size, pieceLength, manifest: hash };
    for (let piece = 0; piece < pieceCount(manifest); piece++) {
      const key = keyOf(pieceHash(manifest, piece));
      const held = this.#heldOf(this.#places.get(key));
      this.#places.delete(key);
      // Without what stood behind it: a place keeps no more than one other.
      this.#places.set(key, { owner, piece, held: held && { owner: held.owner, piece: held.piece } });
    }
    for (const key of this.#places.keys()) {
      if (this.#places.size <= MAX_PLACES) return;
      this.#places.delete(key);
    }
  }
}

function keyOf(hash: Uint8Array): number {
  return asBuffer(hash).readUIntBE(0, KEY_LENGTH);
}
