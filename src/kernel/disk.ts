import type { AbortOptions } from './abort.ts';

/** What a path names. Symbolic links, sockets and devices are 'other': listed, never opened, never followed. */
export type EntryKind = 'file' | 'directory' | 'other';

export interface DiskEntry {
  readonly name: string;
  readonly kind: EntryKind;
}

/** Facts that change when the content does: enough to know that nothing has to be hashed again. */
export interface DiskStat {
  readonly kind: EntryKind;
  /** Bytes. */
  readonly size: number;
  /** Last change of the content, milliseconds since the epoch, with fractions where the file system has them. */
  readonly modifiedMs: number;
  /** Identity of the file within the file system. */
  readonly inode: string;
}

/** 'read': must exist. 'write': made where absent, content kept. 'create': must not exist (ERR_EXISTS). */
export type OpenMode = 'read' | 'write' | 'create';

/** An open regular file. */
export interface DiskFile extends AsyncDisposable {
  /** Up to `length` bytes from `position`, in an array of its own; shorter only at the end of the file, then possibly empty. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Writes all the bytes, those of several arrays one behind the other. The caller does not change them before it resolves. */
  write(position: number, parts: readonly Uint8Array[]): Promise<void>;
  truncate(length: number): Promise<void>;
  /** Resolves when the content survives a power cut. */
  sync(): Promise<void>;
  stat(): Promise<DiskStat>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** What a small file holds. */
export interface SmallContent {
  readonly bytes: Uint8Array;
  /** As it was when the bytes had been read. */
  readonly stat: DiskStat;
}

export interface RenameOptions {
  readonly replace: boolean;
  readonly scratch?: boolean | undefined;
}

/**
 * One directory tree: a node's folder. Paths are relative, '/'-separated, '' for the root; a path with an empty, `.` or `..` part
 * throws ERR_NAME, one that leads through or to a link ERR_LINK_REFUSED. Other failures: ERR_NOT_FOUND, ERR_EXISTS,
 * ERR_ACCESS_DENIED, ERR_DISK_FULL, ERR_NAME_NOT_STORABLE, ERR_DISK; the system's error is the cause.
 */
export interface Disk {
  /** Rejects with ERR_NOT_FOUND, ERR_EXISTS or ERR_LINK_REFUSED as the mode says. `private`: a file it makes is for its owner only (0600). */
  open(path: string, mode: OpenMode, options?: { readonly private?: boolean }): Promise<DiskFile>;
  /**
   * Makes a small file of these bytes where nothing is, and tells of it when what it holds survives a power cut; its name may not, so that it is to be moved to
   * where it shall last. Rejects as `open` does with 'create', and then nothing is left of it. Many at once cost much less than as many open files.
   */
  make(path: string, bytes: Uint8Array): Promise<DiskStat>;
  /**
   * The first bytes of a file, at most `most`, in an array of their own. Rejects as `open` does with 'read'. Many at once cost much less than as many open
   * files.
   */
  read(path: string, most: number): Promise<SmallContent>;
  /**
   * Moves a file, durably (the directories are synced). With `replace: false` it rejects with ERR_EXISTS where
   * `to` exists, atomically; otherwise what was there is replaced atomically. Missing directories of `to` are made.
   *
   * With `scratch` only the new name is certain: a power cut may bring the old one back beside it, so that is for a place that is cleared after
   * one. It saves a sync.
   */
  rename(from: string, to: string, options: RenameOptions): Promise<void>;
  /** Removes a file or an empty directory; nothing happens where there is none. */
  remove(path: string): Promise<void>;
  /** `undefined` where there is nothing. Does not follow a link at the end: that is 'other'. */
  stat(path: string): Promise<DiskStat | undefined>;
  /** The entries of a directory, in no order; those whose names are not valid UTF-8 are left out. */
  list(directory: string): Promise<DiskEntry[]>;
  /** Makes a directory and the missing ones above it. */
  makeDirectory(path: string): Promise<void>;
  /**
   * Yields the name of an entry of this directory (not of those below) soon after it appeared, changed or went, or '' where the system does
   * not say which. May miss events and repeat them: a hint, not a record. Ends when the signal aborts or the directory goes.
   */
  watch(directory: string, options: Required<AbortOptions>): AsyncIterable<string>;
  /** Bytes that may still be written. */
  freeBytes(): Promise<number>;
}
