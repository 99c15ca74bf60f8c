import type { AbortOptions, DiskFile } from '../../kernel/index.ts';
import type { Manifest } from '../pieces/manifest.ts';
import type { ReadonlyPieceSet } from '../pieces/piece-set.ts';
import type { FileRecord } from '../records.ts';

/** The pieces of a file that can be read here now. */
export interface HeldPieces {
  /** Grows while the file is on its way in, and never shrinks. Of a file without a manifest: of no pieces. */
  readonly set: ReadonlyPieceSet;
  /** Calls back with each piece that comes to the set, once it can be read. Returns what ends it. */
  subscribe(listener: (piece: number) => void): () => void;
}

/** A file of this node, open for serving; never anything else than the content asked for. */
export interface ServedFile {
  readonly record: FileRecord;
  /**
   * Closed by whoever opened it. `read` rejects with ERR_FILE_CHANGED where the file is no longer what was announced, and with
   * ERR_NO_SUCH_FILE where it would touch a piece that is not held.
   */
  readonly file: Pick<DiskFile, 'read' | 'close'>;
  /** Encoded; that of `record`. `undefined` where there is none (yet). */
  readonly manifest: Uint8Array | undefined;
  /** All of them, or of a file that is still on its way in those so far. */
  readonly pieces: HeldPieces;
}

/**
 * A file on its way in: bytes go to a partial file under `.peerhold/` until `commit` puts it, whole and verified, under its name. A file
 * whose manifest is known is written by pieces (`writePiece`), which outlive a crash and a `suspend`; one without by `write`.
 */
export interface IncomingFile {
  /**
   * What the file is made of. There as soon as the file is made where this node has the manifest on disk: then `held` is already what
   * could be resumed and reused, and nothing has to begin. Else `undefined` until `begin`, and for good where the record names none.
   */
  readonly manifest: Manifest | undefined;
  /**
   * Gives the file its manifest, and takes over the pieces that are on disk already: in an older version of the name, or in any other file
   * of the folder. Before the first piece, once.
   *
   * @param encoded what the record's `manifest` is the hash of (ERR_MANIFEST where it is not, or not that of the record).
   */
  begin(encoded: Uint8Array, options?: AbortOptions): Promise<Manifest>;
  /** Whether some of it may be on this disk in another file, so that nothing is to be fetched before `begin` has looked. */
  readonly mayReuse: boolean;
  /** The pieces verified and written; of no pieces while there is no manifest. */
  readonly held: HeldPieces;
  /** Bytes of `held` that were on this disk before: resumed, or taken from other files. */
  readonly reusedBytes: number;
  /**
   * Writes a whole piece, verified by the caller (Hasher.hashPiece, isPiece). A piece that is held already is not written again. Rejects
   * with ERR_DISK_FULL and the other disk codes; RangeError for a piece there is none of, or of another length.
   */
  writePiece(piece: number, bytes: Uint8Array): Promise<void>;
  /**
   * Writes bytes of a file without a manifest. Any order; never beyond `record.size` (RangeError). Rejects with ERR_DISK_FULL and the
   * other disk codes.
   */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /**
   * Syncs, keeps what it replaces as a version, places the file under its name, enters the record in the index before the rename, and
   * announces the holding.
   *
   * Without a manifest the checksum of what is on disk is verified before. With one every piece must be held, and the checksum is
   * verified afterwards, in the background (of a file of one piece before): where it differs the holding is withdrawn, the file moved out
   * of the folder, and its writer named in a warning.
   *
   * Ends the incoming file. Where it fails with ERR_CHECKSUM nothing is left; where it fails otherwise a file with a manifest is kept as
   * `suspend` does, and of one without nothing is left.
   */
  commit(options?: AbortOptions): Promise<void>;
  /**
   * Ends the incoming file and keeps what is verified for the next `receive` of the same record; without a manifest nothing can be kept, and
   * it is a `discard`. Idempotent; harmless after `commit` and `discard`.
   */
  suspend(): Promise<void>;
  /** Gives up and removes the partial file. Idempotent; harmless after `commit`, and after `suspend`, which it does not undo. */
  discard(): Promise<void>;
}

/** The node's files as transfers see them. */
export interface FileStore {
  /**
   * Opens what this folder holds under a name ('' = any content), or what is on its way into it with this very checksum. Rejects with
   * ERR_NAME, ERR_NO_SUCH_FILE, ERR_FILE_CHANGED, ERR_ACCESS_DENIED...
   */
  open(name: string, checksum: string): Promise<ServedFile>;
  /** Whether this folder holds this content under this name, whole. */
  holds(name: string, checksum: string): boolean;
  /**
   * Starts to receive. The name is checked (ERR_NAME, ERR_NAME_NOT_STORABLE, ERR_LINK_REFUSED) and the space
   * (ERR_DISK_FULL). Two incoming files of one name at once are independent: each has its own partial file, the last
   * commit stands. Of two of one manifest only the first is kept by `suspend`.
   */
  receive(record: FileRecord, options?: AbortOptions): Promise<IncomingFile>;
}
