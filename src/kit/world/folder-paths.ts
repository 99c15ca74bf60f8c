import { lstat, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { KernelError } from '../../kernel/index.ts';
import { splitEntryPath, splitPath } from '../disk-path.ts';
import { pathError } from './disk-errors.ts';

/** What a Windows file system cannot hold, or would take for something else: a stream, a device, another directory. */
const NOT_FOR_WINDOWS = /[<>:"\\|?*\p{Cc}]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu;

/** Turns paths of a Disk into the system's, and sees to it that none leaves the folder. */
export class FolderPaths {
  readonly #folder: string;
  readonly #follow: (path: string) => Promise<string>;
  /** Looks under way, by what is looked at. */
  readonly #looks = new Map<string, Promise<string | undefined>>();
  #realFolder: string | undefined;

  /** The folder may itself be reached through a link. It is looked for at the first use. @param follow what a path leads to, free of links */
  constructor(folder: string, follow: (path: string) => Promise<string> = realpath) {
    this.#folder = resolve(folder);
    this.#follow = follow;
  }

  /** The folder itself, free of links. Rejects with ERR_NOT_FOUND where there is none. */
  async root(): Promise<string> {
    try {
      return (this.#realFolder ??= await this.#follow(this.#folder));
    } catch (error) {
      throw pathError('use the folder', this.#folder, error);
    }
  }

  /**
   * The system's path of what a path names. The directory it is in exists, and no part of the way to it is a link; of the entry
   * itself nothing is said.
   *
   * @throws ERR_NAME, also for the root; ERR_NAME_NOT_STORABLE; ERR_LINK_REFUSED; ERR_NOT_FOUND where the directory does not
   * exist or is none.
   */
  async entry(path: string): Promise<string> {
    const { parents, name } = splitEntryPath(path);
    return join(await this.#linkFree(parents), assertStorable(name));
  }

  /** As `entry`, of a path the way to which was not looked at: that is left to whoever uses it. @throws ERR_NAME, ERR_NAME_NOT_STORABLE */
  async unlooked(path: string): Promise<string> {
    return join(await this.root(), ...splitPath(path).map(assertStorable));
  }

  /** The system's path of a directory; what `entry` says of the way to it holds for the directory too. */
  async directory(path: string): Promise<string> {
    return this.#linkFree(splitPath(path));
  }

  async #linkFree(parts: readonly string[]): Promise<string> {
    const root = await this.root();
    const path = join(root, ...parts.map(assertStorable));
    if (parts.length === 0) return path;
    // One call tells that nothing on the way is a link and, by the dot, that the last part is a directory; only where the answer
    // differs is each part looked at.
    const real = await this.#realPath(path);
    if (real !== path) await this.#walk(root, parts);
    // A file system may write a name in another way (case, composition), but the place is still within.
    if (real !== undefined && !real.startsWith(root.endsWith(sep) ? root : root + sep))
      throw linkRefused(parts.join('/'));
    return path;
  }

  /**
   * Where a directory really is; `undefined` where there is none. Of many files of one directory that are worked on at once each needs this look:
   * whoever comes while one is under way shares its answer, where that is good, and looks himself where it is not. So an answer is older than the
   * question by no more than one look takes, and a link that is put there later goes unseen by a look of one's own as well.
   */
  async #realPath(path: string): Promise<string | undefined> {
    const underWay = this.#looks.get(path);
    if (underWay !== undefined && (await underWay) === path) return path;
    const look = this.#follow(`${path}${sep}.`).catch(() => undefined);
    this.#looks.set(path, look);
    const real = await look;
    if (this.#looks.get(path) === look) this.#looks.delete(path);
    return real;
  }

  /** Looks at each part of the way, and says what is wrong with the first that is no directory. */
  async #walk(root: string, parts: readonly string[]): Promise<void> {
    let path = root;
    for (const [index, part] of parts.entries()) {
      path = join(path, part);
      const shown = parts.slice(0, index + 1).join('/');
      const found = await lstat(path).catch((error: unknown) => {
        throw pathError('use', shown, error);
      });
      if (found.isSymbolicLink()) throw linkRefused(shown);
      if (!found.isDirectory()) throw new KernelError('ERR_NOT_FOUND', `${JSON.stringify(shown)} is no directory`);
    }
  }
}

/** The refusal to follow a link. */
export function linkRefused(path: string): KernelError {
  return new KernelError('ERR_LINK_REFUSED', `${JSON.stringify(path)} is a symbolic link, and links are not followed`);
}

function assertStorable(part: string): string {
  if (process.platform !== 'win32' || !NOT_FOR_WINDOWS.test(part)) return part;
  throw new KernelError('ERR_NAME_NOT_STORABLE', `no file can be named ${JSON.stringify(part)} here`);
}
