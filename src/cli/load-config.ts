import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { createJiti } from 'jiti';
import { KernelError, errorCode, resolveProfile, toError, type ResolvedProfile } from '../kernel/index.ts';
import { PUBLIC_MODULES } from './installation.ts';

const EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs'];

/** A config, not checked yet, and where it came from. */
export interface LoadedConfig {
  readonly config: unknown;
  /** The file's absolute path, or what else to call it in messages. */
  readonly source: string;
}

/**
 * Loads a config file by its name, which is taken relative to the working directory; nothing is ever looked for. TypeScript
 * needs no build, and the file reaches this package as `peerhold`, wherever it lies.
 *
 * @throws ERR_CONFIG with the file's path and, where it is known, the line of the mistake.
 */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const path = resolve(file);
  if (!EXTENSIONS.includes(extname(path)))
    throw new KernelError('ERR_CONFIG', `${path}: a config file ends in one of ${EXTENSIONS.join(', ')}`);
  let module: unknown;
  try {
    if (!(await stat(path)).isFile()) throw new KernelError('ERR_CONFIG', 'is no file');
    // Nothing is cached on disk: a cache in a shared temporary directory could be written by somebody else.
    const jiti = createJiti(import.meta.url, { alias: { ...PUBLIC_MODULES }, fsCache: false, interopDefault: false });
    module = await jiti.import(path);
  } catch (cause) {
    const problem = firstLine(toError(cause).message);
    throw new KernelError('ERR_CONFIG', `${path}${positionIn(path, cause)}: ${problem}`, { cause });
  }
  if (typeof module !== 'object' || module === null || !('default' in module) || module.default === undefined) {
    throw new KernelError(
      'ERR_CONFIG',
      `${path}: expected \`export default defineConfig({ … })\`, found no default export`,
    );
  }
  return { config: module.default, source: path };
}

/**
 * Checks the whole config and resolves one profile of it, the config's own default where none is named.
 *
 * @throws ERR_CONFIG with the file's path and every mistake.
 */
export function selectProfile({ config, source }: LoadedConfig, name: string | undefined): ResolvedProfile {
  try {
    return resolveProfile(config, name);
  } catch (error) {
    if (errorCode(error) !== 'ERR_CONFIG') throw error;
    throw new KernelError('ERR_CONFIG', `${source}: ${toError(error).message}`, { cause: error });
  }
}

/** Where in a file an error arose, as `:line:column`, or nothing where it does not say. */
function positionIn(path: string, thrown: unknown): string {
  const stack = typeof thrown === 'object' && thrown !== null && 'stack' in thrown ? String(thrown.stack) : '';
  const start = stack.indexOf(`${path}:`);
  return start < 0 ? '' : (/^:\d+(:\d+)?/.exec(stack.slice(start + path.length))?.[0] ?? '');
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trim();
}
