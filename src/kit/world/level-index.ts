import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { ClassicLevel } from 'classic-level';
import { KernelError, type NodeIndex } from '../../kernel/index.ts';
import { pathError, systemCode } from './disk-errors.ts';

/** An open index, and what became of it on the way. */
export interface OpenedIndex {
  readonly index: NodeIndex;
  /**
   * 'sound': as it was left. 'repaired': it was damaged; what could still be read is there. 'rebuilt': nothing could; the index is
   * empty, and what was there stands beside it, `.damaged` added to its name.
   */
  readonly condition: 'sound' | 'repaired' | 'rebuilt';
}

/** What stands in LevelDB's messages where the file system, not the database, is the matter: starting anew would not help. */
const SYSTEM_TROUBLE: readonly (readonly [text: string, code: 'ERR_ACCESS_DENIED' | 'ERR_DISK_FULL' | 'ERR_DISK'])[] = [
  ['Permission denied', 'ERR_ACCESS_DENIED'],
  ['Read-only file system', 'ERR_ACCESS_DENIED'],
  ['No space left', 'ERR_DISK_FULL'],
  ['quota exceeded', 'ERR_DISK_FULL'],
  ['Too many open files', 'ERR_DISK'],
];

const KEYS_AT_ONCE = 1_000;

/**
 * Opens the index (LevelDB) in a directory of the system's file system, made for its owner only where there is none. All of it is
 * read once, so that damage shows here, where it can be repaired, and not in the middle of work.
 *
 * @throws ERR_FOLDER_IN_USE where another process, or another index of this one, has it open; ERR_ACCESS_DENIED, ERR_DISK_FULL or
 * ERR_DISK where the file system fails; ERR_INDEX_DAMAGED where even an empty one does not open.
 */
export async function openLevelIndex(directory: string): Promise<OpenedIndex> {
  await onDisk('make the index in', directory, () => mkdir(directory, { recursive: true, mode: 0o700 }));
  const sound = await openUnlessDamaged(directory);
  if (sound !== undefined) return { index: sound, condition: 'sound' };
  // Whatever repair cannot do shows when the index is opened again.
  await ClassicLevel.repair(directory).catch(() => undefined);
  const repaired = await openUnlessDamaged(directory);
  if (repaired !== undefined) return { index: repaired, condition: 'repaired' };
  await onDisk('move aside', directory, async () => {
    await rm(`${directory}.damaged`, { recursive: true, force: true });
    await rename(directory, `${directory}.damaged`);
  });
  const rebuilt = await openUnlessDamaged(directory);
  if (rebuilt !== undefined) return { index: rebuilt, condition: 'rebuilt' };
  throw new KernelError('ERR_INDEX_DAMAGED', `not even an empty index can be opened in ${directory}`);
}

/** The open index; `undefined` where it is damaged. Throws where it is in use, or the file system fails. */
async function openUnlessDamaged(directory: string): Promise<NodeIndex | undefined> {
  const index = new ClassicLevel<string, string>(directory, { createIfMissing: !(await hasDatabase(directory)) });
  try {
    await index.open();
    // One pass over all keys loads every block, which fails where one is damaged.
    const keys = index.keys();
    while ((await keys.nextv(KEYS_AT_ONCE)).length > 0);
    await keys.close();
    return index;
  } catch (error) {
    await index.close();
    assertDamage(directory, error);
    return undefined;
  }
}

/** Whether there was a database here: without CURRENT, LevelDB would put an empty one over what is left of it. */
async function hasDatabase(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw pathError('read', directory, error);
  });
  return names.some((name) => /^MANIFEST-|\.(ldb|sst)$/.test(name));
}

/** Returns where the failure means that the database is damaged; throws what else it means. */
function assertDamage(directory: string, error: unknown): void {
  if (error instanceof KernelError) throw error;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (systemCode(cause) === 'LEVEL_LOCKED') {
    throw new KernelError('ERR_FOLDER_IN_USE', `another running node uses ${directory}`, { cause });
  }
  const trouble = SYSTEM_TROUBLE.find(([text]) => String(cause).includes(text));
  if (trouble !== undefined) throw new KernelError(trouble[1], `cannot open the index in ${directory}`, { cause });
}

async function onDisk(action: string, directory: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw pathError(action, directory, error);
  }
}
