import type { AbstractLevel } from 'abstract-level';

/** The node's embedded database: an `abstract-level` one with text keys and JSON values under sublevels. */
export type NodeIndex = AbstractLevel<string | Buffer | Uint8Array>;
