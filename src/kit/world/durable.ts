import { link, open, rename, unlink } from 'node:fs/promises';
import { systemCode } from './disk-errors.ts';

/** What file systems and systems answer that cannot sync a directory; there is nothing more to be done on them. */
const CANNOT_SYNC = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EPERM', 'EBADF', 'EACCES']);

/** What is answered where a second name for a file is not to be had: FAT, some network file systems, files of another owner. */
const CANNOT_LINK = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/** Resolves when the entries of a directory survive a power cut, as far as its file system can promise that. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    await using directory = await open(path, 'r');
    await directory.sync();
  } catch (error) {
    if (!CANNOT_SYNC.has(systemCode(error))) throw error;
  }
}

/** Moves a file to a name that nothing has, atomically; EEXIST where something has it. `rename` alone would replace that. */
export async function moveToFreeName(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!CANNOT_LINK.has(systemCode(error))) throw error;
    return moveOverReservation(from, to);
  }
  try {
    await unlink(from);
  } catch (error) {
    // Not moved: then not there under the new name either.
    await unlink(to);
    throw error;
  }
}

/** Takes the name with an empty file, which only one of several can make, and then replaces that. A power cut in between leaves it. */
export async function moveOverReservation(from: string, to: string): Promise<void> {
  await (await open(to, 'wx')).close();
  try {
    await rename(from, to);
  } catch (error) {
    await unlink(to);
    throw error;
  }
}
