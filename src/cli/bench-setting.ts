import type { Bench, BenchSetting } from '../bench/bench.ts';
import { BENCHES } from '../bench/benches.ts';
import { KernelError, type AnyPluginDefinition, type Config } from '../kernel/index.ts';
import { loadPlugins } from './conform-plugins.ts';
import { loadConfig, selectProfile } from './load-config.ts';
import type { Program } from './program.ts';

/** The bench of a name. Throws ERR_USAGE where there is none. */
export function benchNamed(name: string): Bench {
  const bench = BENCHES.find((each) => each.name === name);
  if (bench === undefined) throw new KernelError('ERR_USAGE', `there is no bench ${name}`);
  return bench;
}

/**
 * The plugins to compare and the config they come from: the same in the process of the command and in those it starts.
 *
 * @throws ERR_CONFIG, and ERR_PLUGIN where the file of the user's own cannot be loaded or has nothing for this bench.
 */
export async function benchSetting(
  bench: Bench,
  files: { readonly config: string | undefined; readonly strategies: string | undefined },
  { shippedConfig, clock, environment }: Pick<Program, 'shippedConfig' | 'clock' | 'environment'>,
): Promise<BenchSetting> {
  const loaded = files.config === undefined ? shippedConfig : await loadConfig(files.config);
  selectProfile(loaded, undefined);
  const { plugins } = loaded.config as Config;
  const definitions = plugins.map(({ definition }) => definition as AnyPluginDefinition);
  if (files.strategies !== undefined) definitions.push(...(await ownPlugins(bench, files.strategies)));
  return { config: loaded.config, plugins: definitions, clock, environment };
}

async function ownPlugins({ name, kinds }: Bench, file: string): Promise<AnyPluginDefinition[]> {
  const definitions = (await loadPlugins(file)).map(({ definition }) => definition as AnyPluginDefinition);
  const fitting = definitions.filter(({ kind }) => kinds.includes(kind));
  if (fitting.length > 0) return fitting;
  const found = definitions.map((each) => `${each.name} (${each.kind})`).join(', ');
  const wanted = kinds.join(' or ');
  throw new KernelError('ERR_PLUGIN', `${file}: bench ${name} compares plugins of kind ${wanted}, found ${found}`);
}
