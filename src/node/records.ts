import type { Address, NodeId } from '../kernel/index.ts';

/** Where a node stands, as it declares it. */
export interface Place {
  /** Degrees north and east. */
  readonly coordinates?: { readonly latitude: number; readonly longitude: number } | undefined;
  readonly zone?: string | undefined;
}

/** What nodes tell each other of a node. */
export interface NodeRecord {
  readonly id: NodeId;
  /** Where it was last reached; '' where the sender leaves it to the receiver to fill in the source it saw. */
  readonly address: Address;
  /** Raised by the node itself at every start and by every refutation; 1 or more. Orders what is said of the node. */
  readonly incarnation: number;
  readonly place?: Place | undefined;
}

/** How many changes each writer made: id -> counter, 1 or more. */
export type VersionVector = ReadonlyMap<NodeId, number>;

/** One version of one user's file of one name. */
export interface FileRecord {
  /** '/'-separated path within the folder. */
  readonly name: string;
  /** SHA-256 in lower-case hex, 64 digits; '' says that the file was deleted (a tombstone). */
  readonly checksum: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch; for display only, never for an order. */
  readonly modifiedMs: number;
  /** Label of the user who wrote it. */
  readonly user: string;
  /** The node whose change this is. */
  readonly writer: NodeId;
  readonly version: VersionVector;
  /** BLAKE3-256 of the encoded manifest in lower-case hex, 64 digits; '' while there is none: of a deletion, or said by an older node. */
  readonly manifest: string;
}

/** What one node (the origin) says of one (user, name): the record it knows, and whether its folder holds that content. */
export interface FileStatement {
  readonly origin: NodeId;
  /** The origin's incarnation and rising sequence when it said so; of two statements of one origin on one (user, name) the higher holds. */
  readonly incarnation: number;
  readonly sequence: number;
  readonly held: boolean;
  /** Whether the origin is fetching that content, so that the pieces it has so far can be had of it. */
  readonly part?: boolean | undefined;
  /** Whether what is held lies outside the origin's folder: kept for others, so that there are enough copies. Only where it is held. */
  readonly replica?: boolean | undefined;
  readonly record: FileRecord;
}
