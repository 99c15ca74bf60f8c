import { z } from 'zod';
import { definePlugin, type PieceStrategy } from '../../../kernel/index.ts';
import { RUN_RANKS, boundedPieceLength, lowestRanked, pieceLengthOption, shuffledRuns } from '../../../kit/index.ts';

const options = z.strictObject({ pieceLength: pieceLengthOption });

/**
 * The piece that the fewest sources have first (Cohen, "Incentives Build Robustness in BitTorrent", 2003, section 2.3): it is the one that
 * would be lost. Among equally rare ones each node has an order of its own, so that nodes do not all ask for the same; a few neighbours come together, as
 * disks like it.
 */
export const rarestFirst = definePlugin({
  name: 'rarest-first',
  kind: 'pieceStrategy',
  about: 'Pieces that the fewest sources have first: a file survives its sources, and many can fetch it at once.',
  options,
  create: ({ pieceLength }, { random }): PieceStrategy => {
    const rankIn = shuffledRuns(random);
    return {
      pieceLength: (fileLength) => boundedPieceLength(pieceLength, fileLength),
      select: ({ candidates, availability, pieceCount }, limit) => {
        const rankOf = rankIn(pieceCount);
        return lowestRanked(candidates, limit, (piece) => availability(piece) * RUN_RANKS + rankOf(piece));
      },
    };
  },
});
