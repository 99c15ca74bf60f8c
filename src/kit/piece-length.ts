import { z } from 'zod';

/** What a file is cut into at most: a manifest holds 32 bytes for each. */
const MAX_PIECES = 65_536;
const MAX_PIECE_LENGTH = 2 ** 30;
/** What a node takes where shorter pieces would not be too many: each is in memory until it is verified. */
const MAX_USUAL_PIECE_LENGTH = 2 ** 24;

/** The option of a piece strategy that cuts files into pieces of one length, as long as that does not make too many. */
export const pieceLengthOption = z
  .int()
  .min(1_024)
  .max(MAX_USUAL_PIECE_LENGTH)
  // What a source had not finished of a piece, and what is wrong in one, is fetched again, and a piece waits in memory until it is
  // verified: a quarter of a MiB keeps all that small, and a manifest at an eight-thousandth of its file.
  .default(256 * 1_024)
  .describe(
    'Bytes of every piece but the last; doubled while a file would have over 65,536. Smaller: less to fetch again.',
  );

/** The length doubled until a file has no more than 65,536 pieces, up to 2^30. */
export function boundedPieceLength(pieceLength: number, fileLength: number): number {
  let length = pieceLength;
  while (length < MAX_PIECE_LENGTH && fileLength > length * MAX_PIECES) length = Math.min(length * 2, MAX_PIECE_LENGTH);
  return length;
}
