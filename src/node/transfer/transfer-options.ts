import type { Address, Clock, ErrorCode, Logger, NodeId, PieceStrategy, Random, Settings } from '../../kernel/index.ts';
import type { FileStore } from '../files/file-store.ts';
import type { SmallFileStore } from '../files/small-files.ts';
import type { FileRecord } from '../records.ts';
import type { TransferRates } from './transfer-rates.ts';
import type { TransferPeers } from './transfer-peers.ts';

/** A node that can be asked for a file. */
export interface KnownSource {
  readonly holder: NodeId;
  /** It is fetching the file itself, and can be asked for the pieces it has. */
  readonly isPartial?: boolean | undefined;
}

/** What a node keeps for others, at their wish. */
export interface KeptForOthers {
  /** Where it is. */
  readonly store: FileStore;
  /** Why a record will not be kept; `undefined` where it may. */
  refusal(record: FileRecord): ErrorCode | undefined;
  /** Gives a replica up, if the peer may ask for that; whether it may. */
  drop(record: FileRecord, peer: NodeId): Promise<boolean>;
  /** Who was sent some of a content says that it is wrong. It may be the folder's, then nothing happens. */
  doubted(name: string, checksum: string): void;
}

/** What transfers need of the node. */
export interface TransferOptions {
  readonly peers: TransferPeers;
  readonly files: FileStore;
  /** Takes small files whole; where it is left out they come as all others do. */
  readonly small?: SmallFileStore | undefined;
  readonly pieceStrategy: PieceStrategy;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: Pick<
    Settings,
    'transferIdleMs' | 'transferStallMs' | 'transferWindow' | 'uploads' | 'uploadRate' | 'downloadRate'
  >;
  /** Who we are, and the address that SMFX and SDFX show people. */
  readonly self: { readonly id: NodeId; address(): Address };
  /** Whether to take a file that is offered and that this folder lacks. Every such file where it is left out. */
  readonly wants?: ((record: FileRecord) => boolean) | undefined;
  /** Who can be asked for a file now, best placed first: those that fetch it themselves too. Asked now and then while a fetch lasts. */
  readonly sourcesOf?: ((record: FileRecord) => readonly KnownSource[]) | undefined;
  /** What is kept for others; every KEEP and DROP is refused where it is left out. */
  readonly replicas?: KeptForOthers | undefined;
  /** Tells the network that a part of a file can be had here, or not any more. That a file is here whole tells the file store. */
  readonly tellPart?: ((record: FileRecord, isHere: boolean) => void) | undefined;
  /** Hears of what the user should know. */
  readonly onWarning?: ((code: ErrorCode, message: string) => void) | undefined;
}

/** What the parts of a node's transfers share. */
export interface SharedTransferOptions extends TransferOptions {
  readonly rates: TransferRates;
}

/** A new transfer number: 128 random bits, so that two nodes never pick the same and nobody guesses one. */
export function newTransferNumber(random: Random): string {
  return Buffer.from(random.bytes(16)).toString('hex');
}
