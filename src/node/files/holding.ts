import type { FilePieces } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';
import type { FileFacts } from './file-facts.ts';

/** How far a content was verified: 'done' by its checksum, 'due' only by its pieces, 'failed' where the checksum turned out to differ. */
export type ContentCheck = 'done' | 'due' | 'failed';

/** The content of a file in the folder. */
export interface Content {
  readonly checksum: string;
  /** `undefined` where they are not known, or the file is too large for a manifest. */
  readonly pieces?: FilePieces | undefined;
  readonly facts: FileFacts;
}

/** What the folder holds under a name. */
export interface Holding {
  readonly record: FileRecord;
  readonly facts: FileFacts;
  /** Whether it was written here, by the user or a RESTORE, and not by a transfer. */
  readonly local: boolean;
  /** How far the content was verified. */
  readonly check: ContentCheck;
}

/** How a file came to be where it is. */
export interface Origin {
  /** Whether the content was written here, and is not that of a transfer. */
  readonly local: boolean;
  /** 'done' unless told otherwise. */
  readonly check?: ContentCheck | undefined;
  /** Of the content, where it was read here. */
  readonly pieces?: FilePieces | undefined;
}

/** What of a row says that the folder holds its record; `undefined` where it does not. */
export function heldAs(own: Omit<Holding, 'record' | 'facts'> & { readonly facts: FileFacts | undefined }) {
  const { facts, local, check } = own;
  return facts === undefined ? undefined : { facts, local, check };
}
