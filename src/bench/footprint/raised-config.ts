import { profilesWith, writeDerivedConfig } from '../derived-config.ts';

/**
 * Writes a config into a directory that differs from the one in use in one thing: every profile keeps up to `connections` direct
 * connections. Returns its path.
 */
export function writeRaisedConfig(
  directory: string,
  { configFile, connections }: { readonly configFile: string | undefined; readonly connections: number },
): Promise<string> {
  const profiles = profilesWith({ directConnections: connections });
  return writeDerivedConfig(directory, { configFile, name: 'raised', profiles });
}
