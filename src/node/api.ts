import type { Address, ErrorCode, NodeId } from '../kernel/index.ts';

/** One line of LIST: one version of one user's file that at least one folder holds. */
export interface ListedFile {
  readonly name: string;
  readonly size: number;
  readonly checksum: string;
  readonly user: string;
  /** Milliseconds since the epoch, as its writer saw it. */
  readonly modified: number;
  /** Live nodes whose folder holds it, this one included, best placed first. */
  readonly holders: readonly NodeId[];
  /** Whether GET of the bare name takes this one. */
  readonly current: boolean;
  /** Whether another version of the name stands beside it that neither covers. */
  readonly conflict: boolean;
}

/** What GET brought. */
export interface ReceivedFile {
  readonly name: string;
  readonly size: number;
  readonly checksum: string;
  /** How long it took; 0, and no sources, where the folder held it already. */
  readonly seconds: number;
  /** Bytes from each source. */
  readonly sources: Readonly<Record<NodeId, number>>;
}

/** A file that a GET of several did not bring, and why. */
export interface UnreceivedFile {
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What a GET of several files came to. */
export interface GotFiles {
  /** How many are here now, those that were before included. */
  readonly files: number;
  /** How many are not. */
  readonly failed: number;
  /** Those that are not, by name. */
  readonly failures: readonly UnreceivedFile[];
}

/** What one node has of a file. */
export interface PieceHolder {
  readonly id: NodeId;
  /** Whether its folder holds the file; else it is fetching it. */
  readonly whole: boolean;
  /** How many pieces it has; null where that is not known. */
  readonly pieces: number | null;
}

/** Who has how much of a file. */
export interface PieceMap {
  readonly name: string;
  readonly size: number;
  readonly checksum: string;
  /** Of how many pieces the file is made; null where nobody who holds it has its manifest. */
  readonly pieces: number | null;
  /** Bytes of every piece but the last; null as above. */
  readonly pieceLength: number | null;
  /** How many of them this node has, and gives to others. */
  readonly ours: number;
  /** Those who hold it, best placed first, then those who are fetching it. */
  readonly holders: readonly PieceHolder[];
}

/** How one node answered SEND: 'received' (it fetched it), 'present' (it had it), or the code of what went wrong. */
export interface SendResult {
  readonly id: NodeId;
  readonly result: 'received' | 'present' | ErrorCode;
}

export interface SentFile {
  readonly name: string;
  readonly checksum: string;
  readonly to: readonly SendResult[];
}

/** A node of the network, as PEERS shows it. */
export interface PeerStatus {
  readonly id: NodeId;
  readonly address: Address;
  readonly direct: boolean;
  /** Place in the priority order, from 1. */
  readonly rank: number;
  /** Lower is better, and the weighted parts it is the sum of. */
  readonly score: number;
  readonly parts: { readonly rtt: number; readonly geography: number; readonly spread: number };
  /** Smoothed round-trip time in ms; null before the first was measured. */
  readonly rttMs: number | null;
  readonly user: string | null;
}

export interface NodeStatus {
  readonly id: NodeId;
  readonly address: Address;
  readonly user: string;
  readonly profile: string;
  readonly incarnation: number;
  readonly uptimeMs: number;
  readonly direct: number;
  readonly known: number;
  /** Files that the folder holds for the network. */
  readonly files: number;
  /** Files of the folder that were found to be new, and are announced when they have been hashed. */
  readonly hashing: number;
  readonly transfers: number;
}

/** How safe one file is, as SAFE found it. */
export interface FileSafety {
  readonly name: string;
  readonly checksum: string;
  /** Live nodes that showed that they hold it, and how many are wanted and missing. */
  readonly copies: number;
  readonly wanted: number;
  readonly missing: number;
  /** Their ids, and the zones they stand in. */
  readonly holders: readonly NodeId[];
  readonly zones: readonly string[];
  readonly safe: boolean;
}

/** What SAFE found. */
export interface SafetyReport {
  readonly files: readonly FileSafety[];
  /** Whether all of them are. */
  readonly safe: boolean;
}

/** A replaced version that RESTORE can bring back. */
export interface StoredVersion {
  /** What RESTORE takes. */
  readonly version: string;
  readonly name: string;
  readonly size: number;
  readonly checksum: string;
  readonly user: string;
  /** When it was replaced or deleted, ms since the epoch. */
  readonly replaced: number;
}

/** Bytes moved so far, of how many: by GET the file's, by SEND those of all the nodes it goes to together. */
export interface TransferProgress {
  readonly received: number;
  readonly size: number;
  /** Where the last bytes came from or went to. */
  readonly source: NodeId;
  /** Of a GET of several files: how many are done with, and of how many. */
  readonly files?: { readonly ended: number; readonly of: number } | undefined;
}

/** What happens that no command caused. */
export type NodeEvent =
  | { readonly type: 'peer-joined'; readonly id: NodeId; readonly address: Address }
  | { readonly type: 'peer-left'; readonly id: NodeId; readonly address: Address }
  | { readonly type: 'warning'; readonly code: ErrorCode; readonly message: string };
