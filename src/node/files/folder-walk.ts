import { errorCode, toError, type Disk, type ErrorCode } from '../../kernel/index.ts';
import { PRIVATE_DIRECTORY } from '../layout.ts';
import { quote } from '../messages/display.ts';
import { nameProblem } from '../messages/file-name.ts';

export interface FolderWalkOptions {
  readonly disk: Pick<Disk, 'list'>;
  readonly signal: AbortSignal;
  /** Called with each directory before it is listed. */
  onDirectory(path: string): void;
  /** Called with a few of the files of one directory at a time, and awaited. */
  onFiles(paths: readonly string[]): Promise<unknown>;
}

/** What was seen of the folder. */
export interface FolderWalk {
  readonly files: ReadonlySet<string>;
  /** Beginnings of the names below directories that could not be listed: nothing is known of what they hold. */
  readonly unlisted: readonly string[];
  /** By path: what cannot be shared, and why. */
  readonly warnings: ReadonlyMap<string, readonly [ErrorCode, string]>;
}

/** Files handed over at once. */
const BATCH = 32;

/**
 * Looks through a directory of the folder and all below it. Only regular files are shared, and links are never
 * followed.
 */
export async function walkFolder(directory: string, options: FolderWalkOptions): Promise<FolderWalk> {
  const { disk, signal, onDirectory, onFiles } = options;
  const seen = new Set<string>();
  const unlisted: string[] = [];
  const warnings = new Map<string, readonly [ErrorCode, string]>();
  const waiting = [directory];
  for (let path = waiting.pop(); path !== undefined && !signal.aborted; path = waiting.pop()) {
    onDirectory(path);
    const files: string[] = [];
    for (const { name, kind } of await list(path)) {
      const entry = joinPath(path, name);
      if (entry === PRIVATE_DIRECTORY || kind === 'other') continue;
      const problem = nameProblem(entry);
      if (problem !== undefined) warnings.set(entry, ['ERR_NAME', `not shared: ${quote(entry)} ${problem}`]);
      else (kind === 'file' ? files : waiting).push(entry);
    }
    for (const file of files) seen.add(file);
    for (let index = 0; index < files.length; index += BATCH) await onFiles(files.slice(index, index + BATCH));
  }
  return { files: seen, unlisted, warnings };

  async function list(path: string): ReturnType<Disk['list']> {
    try {
      return await disk.list(path);
    } catch (error) {
      const code = errorCode(error) ?? 'ERR_DISK';
      if (code === 'ERR_NOT_FOUND') return [];
      unlisted.push(joinPath(path, ''));
      warnings.set(path, [code, `cannot look into the directory ${quote(path)}: ${toError(error).message}`]);
      return [];
    }
  }
}

/**
 * The path of an entry of a directory, '' being the root. With the name '' it is what all paths below the directory
 * begin with.
 */
export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
