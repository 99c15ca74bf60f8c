import { statfs } from 'node:fs/promises';
import { KernelError } from '../../kernel/index.ts';

const MIB = 2 ** 20;

/** Throws ERR_DISK_FULL, with what is needed and what there is, where a directory's disk has too little room. */
export async function checkSpace(directory: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new KernelError(
    'ERR_DISK_FULL',
    `this needs ${Math.ceil(needed / MIB)} MiB for a while, and ${directory} has ${Math.floor(free / MIB)} MiB; ` +
      'the environment variable TMPDIR names another place',
  );
}
