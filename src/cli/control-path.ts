import { createHash } from 'node:crypto';
import { mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PRIVATE_DIRECTORY } from '../node/layout.ts';

/** Bytes of a Unix socket's path that every system takes: macOS has room for 103 and a NUL, Linux for 107. */
const MAX_SOCKET_PATH = 103;

/** Where the socket is, if not in its usual place. */
const POINTER_FILE = 'control.path';

/** A place for the control socket of a folder's node. */
export interface ControlPlace {
  readonly path: string;
  /** Removes what was made to have the place. */
  release(): Promise<void>;
}

/**
 * Chooses where the node of a folder (absolute, without links) listens for commands: in the folder; where that path is too long for a socket, in a
 * new directory of its own, for its owner only, that a file in the folder points to; on Windows a named pipe.
 */
export async function makeControlPlace(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ControlPlace> {
  const usual = usualPath(folder);
  const pointer = join(folder, PRIVATE_DIRECTORY, POINTER_FILE);
  await rm(pointer, { force: true });
  if (process.platform === 'win32') return { path: usual, release: async () => undefined };
  if (fits(usual)) {
    // What a killed node left behind. Only one node at a time gets this far: the index is locked.
    await rm(usual, { force: true });
    return { path: usual, release: () => rm(usual, { force: true }) };
  }
  const directory = await mkdtemp(join(shortDirectory(environment), 'peerhold-'));
  const path = join(directory, 'control.sock');
  await writeFile(`${pointer}.new`, path, { mode: 0o600 });
  await rename(`${pointer}.new`, pointer);
  return {
    path,
    async release() {
      await rm(pointer, { force: true });
      await rm(dirname(path), { recursive: true, force: true });
    },
  };
}

/** Where the node of a folder listens, if one runs. Rejects as the file system does where there is no such folder. */
export async function findControlPath(directory: string): Promise<string> {
  const folder = await realpath(directory);
  try {
    return (await readFile(join(folder, PRIVATE_DIRECTORY, POINTER_FILE), 'utf8')).trim();
  } catch {
    return usualPath(folder);
  }
}

function usualPath(folder: string): string {
  if (process.platform !== 'win32') return join(folder, PRIVATE_DIRECTORY, 'control.sock');
  const name = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32);
  return `\\\\.\\pipe\\peerhold-${name}`;
}

function shortDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const candidates = [environment['XDG_RUNTIME_DIR'], tmpdir()];
  const room = '/peerhold-XXXXXX/control.sock';
  return candidates.find((path) => path !== undefined && path !== '' && fits(path + room)) ?? '/tmp';
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH;
}
