import { closeSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { systemCode } from './disk-errors.ts';
import { fileCalls } from './file-calls.ts';

/** What file systems and systems answer that cannot sync a directory; there is nothing more to be done on them. */
export const CANNOT_SYNC = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EPERM', 'EBADF', 'EACCES']);

/** What is answered where a second name for a file is not to be had: FAT, some network file systems, files of another owner. */
const CANNOT_LINK = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/** Resolves when the entries of a directory survive a power cut, as far as its file system can promise that. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await fileCalls.open(path, 'r');
    try {
      await fileCalls.fsync(directory);
    } finally {
      closeSync(directory);
    }
  } catch (error) {
    if (!CANNOT_SYNC.has(systemCode(error))) throw error;
  }
}

/** Moves a file to a name that nothing has, atomically; EEXIST where something has it. `rename` alone would replace that. */
export async function moveToFreeName(from: string, to: string): Promise<void> {
  try {
    await fileCalls.link(from, to);
  } catch (error) {
    if (!CANNOT_LINK.has(systemCode(error))) throw error;
    return moveOverReservation(from, to);
  }
  try {
    await fileCalls.unlink(from);
  } catch (error) {
    // Not moved: then not there under the new name either.
    await fileCalls.unlink(to);
    throw error;
  }
}

/** Takes the name with an empty file, which only one of several can make, and then replaces that. A power cut in between leaves it. */
export async function moveOverReservation(from: string, to: string): Promise<void> {
  closeSync(await fileCalls.open(to, 'wx'));
  try {
    await rename(from, to);
  } catch (error) {
    await fileCalls.unlink(to);
    throw error;
  }
}
