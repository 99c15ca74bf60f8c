import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Bytes of a small disk. */
export const SMALL_DISK = 16 * 1024 * 1024;

/** Whether these tests may mount file systems: mostly root alone may. */
export async function mayMount(): Promise<boolean> {
  try {
    await unmountSmallDisk(await mountSmallDisk());
    return true;
  } catch {
    return false;
  }
}

/** A folder that is a disk of its own, of SMALL_DISK bytes, in memory. */
export async function mountSmallDisk(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'peerhold-e2e-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK}`, 'tmpfs', folder]);
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

export async function unmountSmallDisk(folder: string): Promise<void> {
  // At once, though a node that fails to end may still use it.
  await run('umount', ['--lazy', folder]);
  await rm(folder, { recursive: true });
}
