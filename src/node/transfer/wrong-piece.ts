import { KernelError, type NodeId } from '../../kernel/index.ts';
import { escapeForDisplay } from '../messages/display.ts';
import type { FileRecord } from '../records.ts';
import type { SharedTransferOptions } from './transfer-options.ts';

/** Names a source that sent a wrong piece, in the log and to the user. Returns why it is asked for no more of the file. */
export function rejectPiece(
  { logger, onWarning }: Pick<SharedTransferOptions, 'logger' | 'onWarning'>,
  record: FileRecord,
  peer: NodeId,
  piece: number,
): KernelError {
  const name = escapeForDisplay(record.name);
  const message = `${peer} sent a wrong piece ${piece} of ${name}: it is asked for no more of it`;
  logger.warn('transfer.piece_rejected', { name, checksum: record.checksum, peer, piece });
  onWarning?.('ERR_CHECKSUM', message);
  return new KernelError('ERR_CHECKSUM', message);
}
