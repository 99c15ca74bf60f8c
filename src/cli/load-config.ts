import { KernelError, errorCode, resolveProfile, toError, type ResolvedProfile } from '../kernel/index.ts';
import { importFile } from './import-file.ts';

/** A config, not checked yet, and where it came from. */
export interface LoadedConfig {
  readonly config: unknown;
  /** The file's absolute path, or what else to call it in messages. */
  readonly source: string;
}

/**
 * Loads a config file by its name; see importFile.
 *
 * @throws ERR_CONFIG with the file's path and, where it is known, the line of the mistake.
 */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const { path, exports } = await importFile(file, 'ERR_CONFIG');
  if (exports['default'] === undefined) {
    const expected = 'expected `export default defineConfig({ … })`, found no default export';
    throw new KernelError('ERR_CONFIG', `${path}: ${expected}`);
  }
  return { config: exports['default'], source: path };
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
