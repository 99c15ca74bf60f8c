import { KernelError } from '../../kernel/index.ts';
import { PRIVATE_DIRECTORY } from '../layout.ts';
import { quote } from './display.ts';
import { MAX_NAME_DEPTH, MAX_NAME_LENGTH, MAX_NAME_PART_LENGTH } from './limits.ts';

export { escapeForDisplay } from './display.ts';

const USER_LABEL = /^[A-Za-z0-9._-]{1,32}$/;

/**
 * Refuses what no file in the network may be called. Names are '/'-separated and compared byte by byte; backslashes, colons and all other
 * characters are ordinary ones here, since on most systems a file may be called so: what means something to a particular file system (a drive, a
 * device, a stream, another separator) is refused by that system's Disk with ERR_NAME_NOT_STORABLE.
 *
 * @throws ERR_NAME with the reason.
 */
export function checkFileName(name: string): void {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new KernelError('ERR_NAME', `${quote(name)} ${problem}`);
}

/** Whether the text may label a user: 1 to 32 letters, digits, dots, underscores and hyphens of ASCII. */
export function isUserLabel(text: string): boolean {
  return USER_LABEL.test(text);
}

/** Why no file in the network may be called so, as the rest of a sentence; `undefined` where one may. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  // Before anything that looks at characters: a peer's name may be long.
  if (Buffer.byteLength(name) > MAX_NAME_LENGTH) return `is longer than ${MAX_NAME_LENGTH} bytes`;
  if (/\p{Surrogate}/u.test(name)) return 'holds an unpaired surrogate, which UTF-8 cannot carry';
  if (name.includes('\0')) return 'holds a NUL character';
  if (name.startsWith('/')) return 'is absolute';
  const parts = name.split('/');
  if (parts.length > MAX_NAME_DEPTH) return `is deeper than ${MAX_NAME_DEPTH} parts`;
  for (const part of parts) {
    if (part === '') return 'holds an empty part';
    if (part === '.' || part === '..') return `holds the part "${part}"`;
    if (Buffer.byteLength(part) > MAX_NAME_PART_LENGTH)
      return `holds a part of more than ${MAX_NAME_PART_LENGTH} bytes`;
  }
  return isPrivate(parts[0] ?? '') ? `lies in ${PRIVATE_DIRECTORY}, which is the node's own` : undefined;
}

/**
 * Whether a file system might take this part for the private directory: letter case, compatibility forms and invisible characters make no
 * difference to some (HFS+, APFS), trailing dots and blanks and what follows a colon none to others (NTFS).
 */
function isPrivate(part: string): boolean {
  // Nothing of the below makes a dot of another character of ASCII, or takes one away from the beginning.
  if (part.charCodeAt(0) < 0x80 && !part.startsWith('.')) return false;
  const folded = part
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/:.*$/s, '')
    .replace(/[. ]+$/, '');
  return folded === PRIVATE_DIRECTORY;
}
