import { constants, type Stats } from 'node:fs';
import { access, lstat, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  KernelError,
  toError,
  type Clock,
  type Hasher,
  type LogLevel,
  type NodeWorld,
  type Random,
  type TextOutput,
} from '../kernel/index.ts';
import { nodeDisk, openLevelIndex, workerHasher, type OpenedIndex } from '../kit/index.ts';
import { INDEX_DIRECTORY, PRIVATE_DIRECTORY } from '../node/layout.ts';
import { systemErrorCode } from './system-error.ts';

export interface WorldOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where loggers for people write. */
  readonly stderr: TextOutput;
  readonly logLevel: LogLevel | undefined;
}

/** The real world of one node, opened; whoever opened it closes it after the node. */
export interface OpenWorld {
  readonly world: NodeWorld;
  /** What became of the index on the way; see openLevelIndex. */
  readonly indexCondition: OpenedIndex['condition'];
  close(): Promise<void>;
}

/** The shared folder, ready for a node. */
export interface OpenedFolder {
  /** Absolute, without links. */
  readonly path: string;
  /** Whether it was missing and was made. */
  readonly made: boolean;
}

/**
 * Finds the folder, or, with `make`, makes it where nothing is there yet.
 *
 * @throws ERR_FOLDER where it is no directory or may not be read and written.
 */
export async function openFolder(directory: string, { make }: { readonly make: boolean }): Promise<OpenedFolder> {
  const path = resolve(directory);
  const refuse = (problem: string, cause?: unknown) => new KernelError('ERR_FOLDER', `${path} ${problem}`, { cause });
  try {
    const made = make && (await makeDirectory(path));
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const privateDirectory = join(path, PRIVATE_DIRECTORY);
    await makeDirectory(privateDirectory, 0o700);
    if (!(await lstat(privateDirectory)).isDirectory())
      throw refuse(`holds a ${PRIVATE_DIRECTORY} that is no directory`);
    return { path: await realpath(path), made };
  } catch (cause) {
    if (cause instanceof KernelError) throw cause;
    const found: Stats | undefined = await stat(path).catch(() => undefined);
    if (found === undefined && !make) throw refuse(`does not exist; peerhold start ${directory} makes it`, cause);
    if (found?.isDirectory() === false) throw refuse('is no directory', cause);
    throw refuse(`cannot be used: ${toError(cause).message}`, cause);
  }
}

/**
 * Makes a directory with those above it; false where something is there. The recursive mkdir of node:fs never ends on a file system
 * that, as /proc does, says of a new directory in an existing one that it does not exist.
 */
async function makeDirectory(path: string, mode?: number): Promise<boolean> {
  try {
    await mkdir(path, mode);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return false;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
  }
  await makeDirectory(dirname(path));
  await mkdir(path);
  return true;
}

/**
 * Opens what a node in this folder needs of the outside world.
 *
 * @throws ERR_FOLDER_IN_USE where another node runs in the folder, ERR_INDEX_DAMAGED.
 */
export async function openWorld(folder: string, options: WorldOptions): Promise<OpenWorld> {
  const { index, condition } = await openLevelIndex(join(folder, ...INDEX_DIRECTORY.split('/')));
  const hasher: Hasher = workerHasher();
  return {
    world: { ...options, disk: nodeDisk(folder), index, hasher, privateDirectory: join(folder, PRIVATE_DIRECTORY) },
    indexCondition: condition,
    async close() {
      await hasher.close();
      await index.close();
    },
  };
}
