import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/**
 * Writes a config into a directory that differs from the one in use in one thing: every profile keeps up to `connections` direct
 * connections. Returns its path. The shipped one is taken by its file, so that nothing of it is compiled anew.
 */
export async function writeRaisedConfig(
  directory: string,
  { configFile, connections }: { readonly configFile: string | undefined; readonly connections: number },
): Promise<string> {
  const path = join(directory, configFile === undefined ? 'raised.mjs' : 'raised.ts');
  const base = configFile === undefined ? SHIPPED : resolve(configFile);
  await writeFile(
    path,
    `import base from ${JSON.stringify(base)};
const raised = ([name, profile]) => [name, { ...profile, settings: { ...profile.settings, directConnections: ${connections} } }];
export default { ...base, profiles: Object.fromEntries(Object.entries(base.profiles).map(raised)) };
`,
  );
  return path;
}

/** The config of this package, as it is built. */
const SHIPPED = new URL(`../../../plugins.config.${import.meta.url.split('.').at(-1)}`, import.meta.url).href;
