import { z } from 'zod';

/** The option of a piece strategy that cuts every file into pieces of one length. */
export const pieceLengthOption = z
  .int()
  .min(1_024)
  .max(512 * 1_024)
  // A request and its answer cost some 100 bytes and a turn of both nodes, and what a failing source had not finished is fetched
  // again: a quarter of a MiB makes the first negligible, and keeps the second, and what waits in memory, small.
  .default(256 * 1_024)
  .describe('Bytes of every piece but the last. Larger: fewer requests; smaller: less to fetch again from another.');
