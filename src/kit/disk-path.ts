import { KernelError } from '../kernel/index.ts';

/** Bytes of UTF-8 that file systems in use take for one part of a path. */
const MAX_PART_BYTES = 255;

/**
 * The parts of a path of a Disk; none for ''.
 *
 * @throws ERR_NAME where a part is empty, `.` or `..`; ERR_NAME_NOT_STORABLE where no file system holds it: NUL, half of a surrogate
 * pair, or more than 255 bytes.
 */
export function splitPath(path: string): string[] {
  if (path === '') return [];
  const parts = path.split('/');
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..') {
      throw new KernelError('ERR_NAME', `${JSON.stringify(path)} is no path within the folder`);
    }
    if (/[\0\p{Surrogate}]/u.test(part) || Buffer.byteLength(part) > MAX_PART_BYTES) {
      throw new KernelError('ERR_NAME_NOT_STORABLE', `no file can be named ${JSON.stringify(part)}`);
    }
  }
  return parts;
}

/** The parts of a path that must name something below the root: '' throws ERR_NAME too. */
export function splitEntryPath(path: string): { readonly parents: readonly string[]; readonly name: string } {
  const parents = splitPath(path);
  const name = parents.pop();
  if (name === undefined) throw new KernelError('ERR_NAME', 'the root of the folder itself is not meant here');
  return { parents, name };
}
