import type { FileStatement } from '../records.ts';

/** Orders what a node says; see FileStatement. */
export type Stamp = Pick<FileStatement, 'incarnation' | 'sequence'>;

/** Negative, 0 or positive as the first was said before, with or after the second. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.incarnation - b.incarnation || a.sequence - b.sequence;
}
