import { z } from 'zod';
import { definePlugin, type PieceStrategy } from '../../../kernel/index.ts';

const options = z.strictObject({
  pieceLength: z
    .int()
    .min(1_024)
    .max(512 * 1_024)
    // A request and its answer cost some 100 bytes and a turn of both nodes, and what a failing source had not finished is fetched
    // again: a quarter of a MiB makes the first negligible, and keeps the second, and what waits in memory, small.
    .default(256 * 1_024)
    .describe('Bytes of every piece but the last. Larger: fewer requests; smaller: less to fetch again from another.'),
});

/** Pieces in file order: playable early, but every peer fetches the same piece first. */
export const sequential = definePlugin({
  name: 'sequential',
  kind: 'pieceStrategy',
  about: 'Pieces in file order: the beginning is there first, and disks read and write ahead.',
  options,
  create: ({ pieceLength }): PieceStrategy => ({
    pieceLength: () => pieceLength,
    select: ({ candidates }, limit) => candidates.slice(0, limit),
  }),
});
