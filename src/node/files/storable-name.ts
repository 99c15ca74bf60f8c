import { KernelError, type Disk } from '../../kernel/index.ts';

export interface StorableNameOptions {
  /** Whether a path is known to be written exactly so in its directory: spares looking. */
  isKnown(path: string): boolean;
  /** Whether the directory of the file is known by exactly its path: then only the file itself is looked at, and the disk sees to the rest. */
  readonly isWayKnown: boolean;
}

/**
 * Makes sure that a file can get this name here: nothing but directories on the way to it, nothing but a file in its
 * place, and that what is there is really called so. A file system to which `Readme` and `readme` are one, or a
 * composed and a decomposed é, would else let one file replace another.
 *
 * @throws ERR_NAME_NOT_STORABLE, ERR_LINK_REFUSED and the other codes of the disk.
 */
export async function assertStorable(
  disk: Pick<Disk, 'stat' | 'list'>,
  name: string,
  { isKnown, isWayKnown }: StorableNameOptions,
): Promise<void> {
  for (let end = name.indexOf('/'); end !== -1 && !isWayKnown; end = name.indexOf('/', end + 1)) {
    if (!(await isThere(disk, name.slice(0, end), 'directory', isKnown))) break;
  }
  // Asked also where a directory is missing: the disk may know that it cannot hold the name.
  await isThere(disk, name, 'file', isKnown);
}

async function isThere(
  disk: Pick<Disk, 'stat' | 'list'>,
  path: string,
  wanted: 'file' | 'directory',
  isKnown: (path: string) => boolean,
): Promise<boolean> {
  const stat = await disk.stat(path);
  if (stat === undefined) return false;
  if (stat.kind === 'other') {
    throw new KernelError('ERR_LINK_REFUSED', `${JSON.stringify(path)} is a link or a device, which are left alone`);
  }
  if (stat.kind !== wanted) {
    throw new KernelError('ERR_NAME_NOT_STORABLE', `${JSON.stringify(path)} is a ${stat.kind} here, no ${wanted}`);
  }
  if (isKnown(path)) return true;
  const { directory, base } = splitLast(path);
  if ((await disk.list(directory)).some((entry) => entry.name === base)) return true;
  // It went between the two looks, or it has another name.
  if ((await disk.stat(path)) === undefined) return false;
  throw new KernelError(
    'ERR_NAME_NOT_STORABLE',
    `to this file system ${JSON.stringify(path)} is the same as another name`,
  );
}

/** Splits a path at its last '/': the directory is '' at the root. */
function splitLast(path: string): { readonly directory: string; readonly base: string } {
  const at = path.lastIndexOf('/');
  return { directory: path.slice(0, Math.max(at, 0)), base: path.slice(at + 1) };
}
