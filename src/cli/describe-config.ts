import { z } from 'zod';
import {
  PLUGIN_KINDS,
  resolveProfile,
  settingsSchema,
  type Config,
  type Plugin,
  type ResolvedProfile,
} from '../kernel/index.ts';
import { formatTable } from './format.ts';
import { selectProfile, type LoadedConfig } from './load-config.ts';

/** A profile as `peerhold profiles` shows it: for each slot the plugin's name. */
export interface ProfileDescription {
  readonly name: string;
  readonly about: string;
  readonly default: boolean;
  readonly plugins: Readonly<Record<string, string>>;
}

/** A plugin as `peerhold plugins` shows it. */
export interface PluginDescription {
  readonly kind: string;
  readonly name: string;
  readonly about: string;
  /** JSON Schema of its options. */
  readonly options: OptionsSchema;
}

interface OptionsSchema {
  readonly properties?: Readonly<Record<string, OptionSchema>>;
}

interface OptionSchema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly OptionSchema[];
  readonly default?: unknown;
}

/** A profile as `peerhold config` shows it: plugins with their options, and settings. */
export interface ResolvedDescription {
  readonly name: string;
  readonly about: string;
  readonly plugins: Readonly<Record<string, { readonly name: string; readonly options: unknown }>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Every profile of a config. Throws ERR_CONFIG where anything in the config is wrong. */
export function describeProfiles(loaded: LoadedConfig): ProfileDescription[] {
  selectProfile(loaded, undefined);
  const config = loaded.config as Config;
  return Object.keys(config.profiles).map((name) => {
    const profile = resolveProfile(config, name);
    const plugins = Object.fromEntries(PLUGIN_KINDS.map((kind) => [kind, profile.slots[kind].definition.name]));
    return { name, about: profile.about, default: name === config.defaultProfile, plugins };
  });
}

/** Every plugin that a config lists, by kind. Throws ERR_CONFIG where anything in the config is wrong. */
export function describePlugins(loaded: LoadedConfig): PluginDescription[] {
  selectProfile(loaded, undefined);
  const { plugins } = loaded.config as Config;
  return PLUGIN_KINDS.flatMap((kind) =>
    plugins.filter(({ definition }) => definition.kind === kind).map(describePlugin),
  );
}

/** One profile, resolved. Throws ERR_CONFIG. */
export function describeProfile(loaded: LoadedConfig, name: string | undefined): ResolvedDescription {
  const profile: ResolvedProfile = selectProfile(loaded, name);
  const plugins = PLUGIN_KINDS.map((kind) => {
    const { definition, options } = profile.slots[kind];
    return [kind, { name: definition.name, options }] as const;
  });
  return { name: profile.name, about: profile.about, plugins: Object.fromEntries(plugins), settings: profile.settings };
}

export function presentProfiles(profiles: readonly ProfileDescription[]): string {
  return profiles
    .map(({ name, about, default: isDefault, plugins }) => {
      const slots = formatTable(Object.entries(plugins).map(([kind, plugin]) => [`    ${kind}`, plugin]));
      return `${name}${isDefault ? ' (default)' : ''}: ${about}\n${slots}\n`;
    })
    .join('\n');
}

export function presentPlugins(plugins: readonly PluginDescription[]): string {
  return plugins
    .map(({ kind, name, about, options }) => {
      const rows = Object.entries(options.properties ?? {}).map(([option, schema]) => [
        `    ${option}`,
        typeOf(schema) ?? 'made in a config',
        schema.default === undefined || typeOf(schema) === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
        schema.description ?? '',
      ]);
      return `${kind} ${name}: ${about}\n${rows.length === 0 ? '' : `${formatTable(rows)}\n`}`;
    })
    .join('\n');
}

export function presentProfile({ name, about, plugins, settings }: ResolvedDescription): string {
  const slots = Object.entries(plugins).map(([kind, plugin]) => [
    `  ${kind}`,
    plugin.name,
    JSON.stringify(plugin.options),
  ]);
  const rows = Object.entries(settingsSchema.shape).map(([key, schema]) => [
    `  ${key}`,
    settings[key] === undefined ? 'not set' : JSON.stringify(settings[key]),
    schema.description ?? '',
  ]);
  return `${name}: ${about}\n\nplugins\n${formatTable(slots)}\n\nsettings\n${formatTable(rows)}\n`;
}

function describePlugin({ definition }: Plugin): PluginDescription {
  const { kind, name, about } = definition;
  const options = z.toJSONSchema(definition.options, { io: 'input', unrepresentable: 'any' }) as OptionsSchema;
  return { kind, name, about, options };
}

/** Undefined where it is no JSON value but an object that only a config can make. */
function typeOf(schema: OptionSchema): string | undefined {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf !== undefined) return schema.anyOf.map((each) => typeOf(each) ?? 'made in a config').join(' | ');
  return schema.type;
}
