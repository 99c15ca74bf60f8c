import type { Address } from '../../kernel/index.ts';
import type { FileRecord, FileStatement, NodeRecord } from '../records.ts';

/** A node and what it says of files. */
export interface NodeKnowledge {
  readonly node: NodeRecord;
  readonly files: readonly FileStatement[];
}

/** First frame of a direct connection, from the dialling side, and the answer of the other side. */
export interface ConnMessage {
  readonly type: 'CONN';
  readonly node: NodeRecord;
  /** Whether healing made the connection. */
  readonly recovery: boolean;
  readonly user: string;
  readonly minorVersion: number;
  /** Names of optional abilities; unknown ones are ignored. */
  readonly features: readonly string[];
}

/** "This is my network": the sender and its files, then each node it knows. One of several, each complete in itself. */
export interface TimnMessage {
  readonly type: 'TIMN';
  readonly own: NodeKnowledge;
  readonly others: readonly NodeKnowledge[];
}

/** What was new in a TIMN, passed on. `own` is the sender, with files only where they are news. */
export interface JoinMessage {
  readonly type: 'JOIN';
  readonly own: NodeKnowledge;
  readonly others: readonly NodeKnowledge[];
}

/** Alive. The last one is kept for healing. */
export interface HbMessage {
  readonly type: 'HB';
  /** The sender's clock when it sent this, whole milliseconds from an arbitrary zero. */
  readonly stamp: number;
  /** The stamp of the last heartbeat received on this connection, and how long ago that was in ms; -1 and 0 before the first. */
  readonly echo: number;
  readonly heldMs: number;
  /** The nodes the sender has direct connections to. */
  readonly connections: readonly NodeRecord[];
}

/** A file appeared, changed, went, or is now held. */
export interface FileMessage {
  readonly type: 'FILE';
  readonly statement: FileStatement;
}

/** "Send me file X". */
export interface SmfxMessage {
  readonly type: 'SMFX';
  /** The sender's address, for people; never dialled. */
  readonly address: Address;
  readonly name: string;
  /** 128 random bits in hex, 32 digits; with the proved peer it names the transfer. */
  readonly transfer: string;
  /** The content wanted; '' for whatever the holder has under the name. */
  readonly checksum: string;
  /** Whether a part of the content will do: the holder then begins with a HAVE, and nothing is asked for before it. */
  readonly parts: boolean;
}

/** "Sending file X". */
export interface SdfxMessage {
  readonly type: 'SDFX';
  /** The sender's address, for people; never dialled. */
  readonly address: Address;
  readonly transfer: string;
  /** The file offered; `record.name` and `record.checksum` are the documented fields, the rest is appended. */
  readonly record: FileRecord;
}

/** "Keep this file for the network": an offer, of which the receiver makes a replica. Answered as SDFX is. */
export interface KeepMessage {
  readonly type: 'KEEP';
  /** The sender's address, for people; never dialled. */
  readonly address: Address;
  readonly transfer: string;
  readonly record: FileRecord;
}

/** "There are enough copies without yours": answered with DONE where the replica was given up, else with REFUSE. */
export interface DropMessage {
  readonly type: 'DROP';
  /** The sender's address, for people; never dialled. */
  readonly address: Address;
  readonly transfer: string;
  readonly record: FileRecord;
}

/** A message that opens a transfer, and with it a transfer connection. */
export type OpeningMessage = SmfxMessage | SdfxMessage | KeepMessage | DropMessage;

export function isOpening(message: DecodedFrame): message is OpeningMessage {
  return ['SMFX', 'SDFX', 'KEEP', 'DROP'].includes(message.type);
}

/** "I cannot reach these: who can, and do you live?" */
export interface SuspMessage {
  readonly type: 'SUSP';
  readonly nodes: readonly NodeRecord[];
}

/** A range of keys, told by the hex digits that they begin with: how many its sender has there, and their sum modulo 2^52 in hex. */
export interface KeyRange {
  readonly prefix: string;
  readonly count: number;
  readonly sum: string;
}

/** All keys that its sender has in a range, in hex. */
export interface KeyListing {
  readonly prefix: string;
  readonly keys: readonly string[];
}

/** "Do we know the same?": a turn in the comparison of what two nodes know, by the keys of all records and statements. */
export interface SummMessage {
  readonly type: 'SUMM';
  /** What the keys of this comparison are computed with: 16 hex digits, chosen by whoever began. */
  readonly seed: string;
  /** Whether the sender has more to compare than this message holds. */
  readonly more: boolean;
  /** Disjoint and in order, as are the listings. */
  readonly ranges: readonly KeyRange[];
  readonly listings: readonly KeyListing[];
  /** Keys that the peer listed and the sender does not have. */
  readonly wants: readonly string[];
}

/** A node leaves, by its own word. */
export interface ByefMessage {
  readonly type: 'BYEF';
  readonly node: NodeRecord;
}

/** A node is gone, by another's word. */
export interface LeftMessage {
  readonly type: 'LEFT';
  readonly node: NodeRecord;
}

/** "No": why the answering node ends this connection, and where to try instead. */
export interface FullMessage {
  readonly type: 'FULL';
  /** Nodes to try, best first. */
  readonly alternatives: readonly NodeRecord[];
}

export type TextMessage =
  | ConnMessage
  | TimnMessage
  | JoinMessage
  | HbMessage
  | FileMessage
  | SmfxMessage
  | SdfxMessage
  | KeepMessage
  | DropMessage
  | SuspMessage
  | SummMessage
  | ByefMessage
  | LeftMessage
  | FullMessage;

/** Ask for bytes of a transfer. */
export interface RequestMessage {
  readonly type: 'REQUEST';
  readonly transfer: string;
  /** First byte and number of bytes (1 to 512 KiB). */
  readonly position: number;
  readonly length: number;
}

/** Bytes of a transfer. */
export interface DataMessage {
  readonly type: 'DATA';
  readonly transfer: string;
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** The transfer will not be served, or not any more. `code` is an ErrorCode of the sender; unknown ones are kept as text. */
export interface RefuseMessage {
  readonly type: 'REFUSE';
  readonly transfer: string;
  readonly code: string;
}

/** The receiver has all it wants of the transfer: the sender may forget it. */
export interface DoneMessage {
  readonly type: 'DONE';
  readonly transfer: string;
}

/** Ask for bytes of the manifest of the file that a transfer is about. */
export interface ManifestRequestMessage {
  readonly type: 'MANIFEST_REQUEST';
  readonly transfer: string;
  /** First byte and number of bytes (1 to 512 KiB); an answer may be shorter where the manifest ends. */
  readonly position: number;
  readonly length: number;
  /** BLAKE3-256 of the manifest wanted, in lower-case hex. */
  readonly manifest: string;
}

/** Bytes of a manifest. */
export interface ManifestMessage {
  readonly type: 'MANIFEST';
  readonly transfer: string;
  readonly position: number;
  /** Bytes of the whole manifest; 0, and no bytes, where the sender does not have the one asked for. */
  readonly total: number;
  readonly bytes: Uint8Array;
}

/** Pieces that the sender holds, and can be asked for, beside those it told of before. */
export interface HaveMessage {
  readonly type: 'HAVE';
  readonly transfer: string;
  /** The piece that the first bit stands for: a multiple of 8. */
  readonly first: number;
  /** A bit for each piece from `first` on, the most significant first; empty for every piece from `first` on. */
  readonly bitmap: Uint8Array;
}

export type BinaryMessage =
  RequestMessage | DataMessage | RefuseMessage | DoneMessage | ManifestRequestMessage | ManifestMessage | HaveMessage;

export type Message = TextMessage | BinaryMessage;

/** What a frame turned out to be: a message, or one of a type this version does not know (to be ignored with one debug line). */
export type DecodedFrame = Message | { readonly type: 'UNKNOWN'; readonly name: string };
