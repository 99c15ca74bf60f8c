import type { Address, Clock, Logger, NodeId, PieceStrategy, Random, Settings } from '../../kernel/index.ts';
import type { FileStore } from '../files/file-store.ts';
import type { FileRecord } from '../records.ts';
import type { TransferPeers } from './transfer-peers.ts';

/** What transfers need of the node. */
export interface TransferOptions {
  readonly peers: TransferPeers;
  readonly files: FileStore;
  readonly pieceStrategy: PieceStrategy;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'transferIdleMs' | 'transferStallMs' | 'transferWindow' | 'uploads'>;
  /** Who we are, and the address that SMFX and SDFX show people. */
  readonly self: { readonly id: NodeId; address(): Address };
  /** Whether to take a file that is offered and that this folder lacks. Every such file where it is left out. */
  readonly wants?: ((record: FileRecord) => boolean) | undefined;
}

/** A new transfer number: 128 random bits, so that two nodes never pick the same and nobody guesses one. */
export function newTransferNumber(random: Random): string {
  return Buffer.from(random.bytes(16)).toString('hex');
}
