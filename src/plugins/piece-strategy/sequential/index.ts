import { z } from 'zod';
import { definePlugin, type PieceStrategy } from '../../../kernel/index.ts';
import { boundedPieceLength, pieceLengthOption } from '../../../kit/index.ts';

const options = z.strictObject({ pieceLength: pieceLengthOption });

/** Pieces in file order: playable early, but every peer fetches the same piece first. */
export const sequential = definePlugin({
  name: 'sequential',
  kind: 'pieceStrategy',
  about: 'Pieces in file order: the beginning is there first, and disks read and write ahead.',
  options,
  create: ({ pieceLength }): PieceStrategy => ({
    pieceLength: (fileLength) => boundedPieceLength(pieceLength, fileLength),
    select: ({ candidates }, limit) => candidates.slice(0, limit),
  }),
});
