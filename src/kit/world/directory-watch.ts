import { isUtf8 } from 'node:buffer';
import { lstatSync, watch, type FSWatcher } from 'node:fs';
import { basename } from 'node:path';
import { ChangedNames } from '../changed-names.ts';

/**
 * The names of entries of one directory that appear, change or go, as the system reports them; '' where it does not say which. Ends
 * when the signal aborts or the directory goes. Where the system cannot watch (too many watches, a file system
 * without events) it yields nothing, and only the caller's own looking finds changes.
 */
export async function* watchDirectory(
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  const inode = inodeOf(path);
  if (inode === undefined || signal?.aborted === true) return;
  const changed = new ChangedNames();
  const end = () => changed.end();
  const isGone = () => inodeOf(path) !== inode;
  const report = (name: Buffer | null) => {
    // The directory's own going is reported under its own name, which an entry may have as well.
    if ((name === null || name.toString() === basename(path)) && isGone()) end();
    else if (name === null) changed.add('');
    else if (isUtf8(name)) changed.add(name.toString());
  };
  signal?.addEventListener('abort', end, { once: true });
  const watcher = startWatcher(path, report);
  // Some systems report the directory's going as an error.
  watcher?.on('error', () => {
    if (isGone()) end();
  });
  try {
    yield* changed;
  } finally {
    watcher?.close();
    signal?.removeEventListener('abort', end);
  }
}

function startWatcher(path: string, report: (name: Buffer | null) => void): FSWatcher | undefined {
  try {
    return watch(path, { persistent: false, encoding: 'buffer' }, (_event, name) => report(name));
  } catch {
    return undefined;
  }
}

function inodeOf(path: string): bigint | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
  } catch {
    // Out of reach is gone, to whoever watches.
    return undefined;
  }
}
