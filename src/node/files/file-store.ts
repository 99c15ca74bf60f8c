import type { AbortOptions, DiskFile } from '../../kernel/index.ts';
import type { FileRecord } from '../records.ts';

/** A file of this folder, open for serving; never anything else than the content asked for. */
export interface ServedFile {
  readonly record: FileRecord;
  /**
   * Closed by whoever opened it. Throws ERR_FILE_CHANGED from `read` where the file is no longer what was announced.
   */
  readonly file: Pick<DiskFile, 'read' | 'close'>;
}

/**
 * A file on its way in: bytes go to a partial file under `.peerhold/` until `commit` puts it, whole and verified, under
 * its name.
 */
export interface IncomingFile {
  /** Any order; never beyond `record.size` (RangeError). Rejects with ERR_DISK_FULL and the other disk codes. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /**
   * Verifies the checksum of what is on disk (ERR_CHECKSUM), syncs, keeps what it replaces as a version, places the
   * file under its name, enters the record in the index before the rename, and announces the holding. Ends the incoming
   * file, also where it fails: nothing is left then.
   */
  commit(options?: AbortOptions): Promise<void>;
  /** Gives up and removes the partial file. Idempotent; harmless after `commit`. */
  discard(): Promise<void>;
}

/** The node's files as transfers see them. */
export interface FileStore {
  /**
   * Opens what this folder holds under a name ('' = any content). Rejects with ERR_NAME, ERR_NO_SUCH_FILE,
   * ERR_FILE_CHANGED, ERR_ACCESS_DENIED...
   */
  open(name: string, checksum: string): Promise<ServedFile>;
  /** Whether this folder holds this content under this name. */
  holds(name: string, checksum: string): boolean;
  /**
   * Starts to receive. The name is checked (ERR_NAME, ERR_NAME_NOT_STORABLE, ERR_LINK_REFUSED) and the space
   * (ERR_DISK_FULL). Two incoming files of one name at once are independent: each has its own partial file, the last
   * commit stands.
   */
  receive(record: FileRecord): Promise<IncomingFile>;
}
