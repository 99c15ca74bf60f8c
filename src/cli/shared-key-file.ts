import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { KernelError, errorCode, toError, type Random } from '../kernel/index.ts';
import { formatSharedKey, makeSharedKey, parseSharedKey } from '../node/identity/shared-key.ts';
import { systemErrorCode } from './system-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface SharedKeySource {
  /** `--key-file`. */
  readonly keyFile: string | undefined;
  readonly environment: Environment;
  readonly random: Random;
  /** Told, in one line for people, where the key is when nobody said which to use, and when others can read it. */
  readonly notice: (line: string) => void;
}

/**
 * The network's shared key: from the file asked for, else from PEERHOLD_KEY, else from the user's own key file, which is made
 * where it is missing.
 *
 * @throws ERR_KEY_FORMAT where it is no key, ERR_KEY_UNREADABLE where the file cannot be read or made.
 */
export async function findSharedKey({ keyFile, environment, random, notice }: SharedKeySource): Promise<Uint8Array> {
  if (keyFile !== undefined) return readKeyFile(resolve(keyFile), notice);
  const fromEnvironment = environment['PEERHOLD_KEY'];
  if (fromEnvironment !== undefined) return parseKey(fromEnvironment, 'PEERHOLD_KEY');
  const path = ownKeyFile(environment);
  if (await makeKeyFile(path, random)) notice(`made a shared key in ${path}: copy it to the machines that shall join`);
  else notice(`the shared key is in ${path}`);
  return readKeyFile(path, notice);
}

/** The user's own key file: in XDG_CONFIG_HOME, on Windows in APPDATA, else in ~/.config. */
export function ownKeyFile(environment: Environment): string {
  const configured = environment[process.platform === 'win32' ? 'APPDATA' : 'XDG_CONFIG_HOME'];
  const home = environment['HOME'] ?? homedir();
  // The specification of XDG_CONFIG_HOME has relative paths ignored.
  const base = configured !== undefined && resolve(configured) === configured ? configured : join(home, '.config');
  return join(base, 'peerhold', 'key');
}

/** Makes the key file where there is none; false where one is there, which another process may have made just now. */
async function makeKeyFile(path: string, random: Random): Promise<boolean> {
  try {
    if (await exists(path)) return false;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${Buffer.from(random.bytes(8)).toString('hex')}`;
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${formatSharedKey(makeSharedKey(random))}\n`);
      await file.sync();
      // Linking is atomic and refuses an existing name: of nodes that start together one makes the key, and all read the same.
      await link(draft, path);
      return true;
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await file.close();
      await unlink(draft);
    }
  } catch (cause) {
    throw unreadable(path, 'cannot be made', cause);
  }
}

async function readKeyFile(path: string, notice: (line: string) => void): Promise<Uint8Array> {
  let text: string;
  try {
    const { mode, size } = await stat(path);
    if (size > 1024)
      throw new KernelError('ERR_KEY_FORMAT', `${path} holds ${size} bytes; a shared key is one short line`);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      notice(`warning: ${path} can be read by other users of this machine; chmod 600 ends that`);
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof KernelError) throw cause;
    throw unreadable(path, 'cannot be read', cause);
  }
  return parseKey(text, path);
}

function parseKey(text: string, source: string): Uint8Array {
  try {
    return parseSharedKey(text.trim());
  } catch (cause) {
    throw new KernelError(errorCode(cause) ?? 'ERR_KEY_FORMAT', `${source}: ${toError(cause).message}`, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function unreadable(path: string, problem: string, cause: unknown): KernelError {
  return new KernelError('ERR_KEY_UNREADABLE', `the shared key ${path} ${problem}: ${toError(cause).message}`, {
    cause,
  });
}
