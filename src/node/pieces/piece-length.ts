import type { PieceStrategy } from '../../kernel/index.ts';
import { MAX_PIECE_LENGTH, MAX_USUAL_PIECE_LENGTH } from './manifest.ts';
import { MAX_PIECES } from './piece-set.ts';

/**
 * How long the pieces of a file are: as the strategy says, up to 16 MiB, and longer only where that would make too many. `undefined` for a
 * file beyond 64 TiB, which no manifest can describe.
 */
export function pieceLengthFor(strategy: Pick<PieceStrategy, 'pieceLength'>, size: number): number | undefined {
  let length = Math.min(strategy.pieceLength(size), MAX_USUAL_PIECE_LENGTH);
  while (size > length * MAX_PIECES && length < MAX_PIECE_LENGTH) length = Math.min(length * 2, MAX_PIECE_LENGTH);
  return size > length * MAX_PIECES ? undefined : length;
}
