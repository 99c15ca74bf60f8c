import { z } from 'zod';
import { definePlugin, type PieceStrategy } from '../../../kernel/index.ts';
import { boundedPieceLength, lowestRanked, pieceLengthOption, shuffledRuns } from '../../../kit/index.ts';

const options = z.strictObject({ pieceLength: pieceLengthOption });

/** Pieces in an order drawn once for each node: nodes that fetch one file at the same time hold different pieces of it. */
export const random = definePlugin({
  name: 'random',
  kind: 'pieceStrategy',
  about: "Pieces in each node's own order: spreads a file without counting who holds what.",
  options,
  create: ({ pieceLength }, context): PieceStrategy => {
    const rankIn = shuffledRuns(context.random);
    return {
      pieceLength: (fileLength) => boundedPieceLength(pieceLength, fileLength),
      select: ({ candidates, pieceCount }, limit) => lowestRanked(candidates, limit, rankIn(pieceCount)),
    };
  },
});
