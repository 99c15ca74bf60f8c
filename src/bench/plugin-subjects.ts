import {
  KernelError,
  type AnyPluginDefinition,
  type PluginContext,
  type PluginContracts,
  type PluginKind,
} from '../kernel/index.ts';
import { seededRandom, silentLogger } from '../kit/index.ts';
import type { BenchSetting } from './bench.ts';

/** A plugin with one set of options, to be compared with others of its kind. */
export interface PluginSubject<Kind extends PluginKind> {
  /** Unlike that of all others: the plugin's name and, where it has several, the variant's. */
  readonly name: string;
  readonly definition: AnyPluginDefinition<Kind>;
  /** A new instance, in a world whose randomness is the same each time and whose log goes nowhere, but for what is given instead. */
  create(context?: Partial<PluginContext>): PluginContracts[Kind];
}

/**
 * The subjects of a kind: each variant of each plugin, or the plugin with its defaults where it names none. The list is the same in every
 * process of a run.
 *
 * @throws ERR_PLUGIN where a plugin refuses the options of its own variant.
 */
export function pluginSubjects<Kind extends PluginKind>(kind: Kind, setting: BenchSetting): PluginSubject<Kind>[] {
  const taken = new Set<string>();
  return setting.plugins
    .filter((definition): definition is AnyPluginDefinition<Kind> => definition.kind === kind)
    .flatMap((definition) =>
      (definition.variants ?? [{ name: '', options: {} }]).map((variant) => {
        const name = unlike(taken, variant.name === '' ? definition.name : `${definition.name}, ${variant.name}`);
        const parsed = definition.options.safeParse(variant.options);
        if (!parsed.success)
          throw new KernelError('ERR_PLUGIN', `${name} refuses its options: ${parsed.error.message}`);
        // A definition of a kind makes that kind; the union over all kinds has lost the tie.
        const create = (context: Partial<PluginContext> = {}) =>
          definition.create(parsed.data, { ...pluginContext(setting), ...context }) as PluginContracts[Kind];
        return { name, definition, create };
      }),
    );
}

function unlike(taken: Set<string>, name: string): string {
  let result = name;
  for (let number = 2; taken.has(result); number++) result = `${name} (${number})`;
  taken.add(result);
  return result;
}

function pluginContext({ clock, environment }: BenchSetting): PluginContext {
  return {
    clock,
    environment,
    random: seededRandom(1),
    logger: silentLogger(),
    stderr: { isTerminal: false, write: () => undefined },
    onClose: () => undefined,
  };
}
