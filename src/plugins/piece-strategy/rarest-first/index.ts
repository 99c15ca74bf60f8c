import { z } from 'zod';
import { definePlugin, type PieceStrategy } from '../../../kernel/index.ts';
import { boundedPieceLength, lowestRanked, pieceLengthOption, shuffledRank } from '../../../kit/index.ts';

const options = z.strictObject({ pieceLength: pieceLengthOption });

/** Ranks of `shuffledRank` that fit between two availabilities. */
const RANKS = 2 ** 32;

/**
 * The piece that the fewest sources have first (Cohen, "Incentives Build Robustness in BitTorrent", 2003, section 2.3): it is the one that
 * would be lost. Among equally rare ones each node has an order of its own, so that nodes do not all ask for the same.
 */
export const rarestFirst = definePlugin({
  name: 'rarest-first',
  kind: 'pieceStrategy',
  about: 'Pieces that the fewest sources have first: a file survives its sources, and many can fetch it at once.',
  options,
  create: ({ pieceLength }, { random }): PieceStrategy => {
    const rankOf = shuffledRank(random);
    return {
      pieceLength: (fileLength) => boundedPieceLength(pieceLength, fileLength),
      select: ({ candidates, availability }, limit) =>
        lowestRanked(candidates, limit, (piece) => availability(piece) * RANKS + rankOf(piece)),
    };
  },
});
