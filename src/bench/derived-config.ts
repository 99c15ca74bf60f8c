import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export interface DerivedConfig {
  /** The config it is derived from; the shipped one where there is none. */
  readonly configFile: string | undefined;
  /** What its file is called, without the ending. */
  readonly name: string;
  /** Its profiles, as an expression of JavaScript in which `base` is the config it is derived from. */
  readonly profiles: string;
}

/**
 * Writes a config into a directory that differs from another in its profiles alone. Returns its path. The shipped one is taken by its file,
 * so that nothing of it is compiled anew.
 */
export async function writeDerivedConfig(
  directory: string,
  { configFile, name, profiles }: DerivedConfig,
): Promise<string> {
  const path = join(directory, `${name}.${configFile === undefined ? 'mjs' : 'ts'}`);
  const base = configFile === undefined ? SHIPPED : resolve(configFile);
  await writeFile(
    path,
    `import base from ${JSON.stringify(base)};\nexport default { ...base, profiles: ${profiles} };\n`,
  );
  return path;
}

/** An expression for the profiles of `base` with some settings in all of them. */
export function profilesWith(settings: Readonly<Record<string, number>>): string {
  const changed = `{ ...profile, settings: { ...profile.settings, ...${JSON.stringify(settings)} } }`;
  return `Object.fromEntries(Object.entries(base.profiles).map(([name, profile]) => [name, ${changed}]))`;
}

/** The config of this package, as it is built. */
const SHIPPED = new URL(`../../plugins.config.${import.meta.url.split('.').at(-1)}`, import.meta.url).href;
