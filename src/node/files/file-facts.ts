import type { DiskStat } from '../../kernel/index.ts';

/** What is looked at instead of the content: while these stay the same, so does what was hashed. */
export type FileFacts = Pick<DiskStat, 'size' | 'modifiedMs' | 'inode'>;

/** The facts of a regular file; `undefined` for anything else, and where there is nothing. */
export function factsOf(stat: DiskStat | undefined): FileFacts | undefined {
  if (stat?.kind !== 'file') return undefined;
  return { size: stat.size, modifiedMs: stat.modifiedMs, inode: stat.inode };
}

/** Whether nothing changed: the same facts, or no file before and none now. */
export function sameFacts(a: FileFacts | undefined, b: FileFacts | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && a.modifiedMs === b.modifiedMs && a.inode === b.inode;
}
