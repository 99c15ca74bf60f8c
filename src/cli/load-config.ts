import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';
import { KernelError, errorCode, resolveProfile, toError, type ResolvedProfile } from '../kernel/index.ts';
import { PUBLIC_MODULES } from './installation.ts';

/** A config, not checked yet, and where it came from. */
export interface LoadedConfig {
  readonly config: unknown;
  /** The file's absolute path, or what else to call it in messages. */
  readonly source: string;
}

/**
 * Loads a config file by its name, which is taken relative to the working directory; nothing is ever looked for. TypeScript
 * needs no build. A `.ts` file reaches this package as `peerhold`, wherever it lies.
 *
 * @throws ERR_CONFIG with the file's path.
 */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const path = resolve(file);
  const load = loaders[extname(path)];
  if (load === undefined) {
    const allowed = Object.keys(loaders).join(', ');
    throw new KernelError('ERR_CONFIG', `${path}: a config file ends in one of ${allowed}`);
  }
  let module: unknown;
  try {
    await stat(path);
    module = await load(path);
  } catch (cause) {
    throw new KernelError('ERR_CONFIG', `${path}: ${firstLine(toError(cause).message)}`, { cause });
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

const loaders: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  '.ts': importTypeScript,
  '.mts': importTypeScript,
  '.js': importNative,
  '.mjs': importNative,
};

function importTypeScript(path: string): Promise<unknown> {
  // Nothing is cached on disk: a cache in a shared temporary directory could be written by somebody else.
  const jiti = createJiti(import.meta.url, { alias: { ...PUBLIC_MODULES }, fsCache: false, interopDefault: false });
  return jiti.import(path);
}

function importNative(path: string): Promise<unknown> {
  return import(pathToFileURL(path).href) as Promise<unknown>;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
