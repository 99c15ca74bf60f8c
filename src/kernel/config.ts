import { z } from 'zod';
import { ConfigIssues } from './config-issues.ts';
import {
  PLUGIN_KINDS,
  isPlugin,
  isPluginUse,
  type AnyPluginDefinition,
  type Plugin,
  type PluginContext,
  type PluginContracts,
  type PluginKind,
  type PluginUse,
} from './plugin.ts';
import { describeUse } from './plugin-option.ts';
import { settingsSchema, type Settings, type SettingsInput } from './settings.ts';

/** A named way for a node to work: a plugin for each slot, and settings. A slot left out comes, whole, from `extends`; so does each setting. */
export interface Profile extends Partial<{ readonly [Kind in PluginKind]: PluginUse<Kind> }> {
  /** The profile this one starts from. */
  readonly extends?: string;
  /** One line: whom it is for. */
  readonly about: string;
  readonly settings?: SettingsInput;
}

/** What a config file exports as its default. */
export interface Config {
  /** The plugins that can be listed, compared and tested; a profile may use others too. */
  readonly plugins: readonly Plugin[];
  readonly profiles: Readonly<Record<string, Profile>>;
  /** The profile taken where none is asked for. */
  readonly defaultProfile: string;
}

/** A filled slot, its options parsed. */
export interface ResolvedSlot<Kind extends PluginKind> {
  readonly definition: AnyPluginDefinition<Kind>;
  readonly options: unknown;
  create(context: PluginContext): PluginContracts[Kind];
}

/** A profile with everything inherited, checked and parsed. */
export interface ResolvedProfile {
  readonly name: string;
  readonly about: string;
  readonly slots: { readonly [Kind in PluginKind]: ResolvedSlot<Kind> };
  readonly settings: Settings;
}

/** Types a config; it is checked when a profile of it is resolved. */
export function defineConfig(config: Config): Config {
  return config;
}

/**
 * Checks a whole config, every profile in it, and resolves one.
 *
 * @throws ERR_CONFIG naming every mistake with its path, the value and what is allowed.
 */
export function resolveProfile(config: unknown, name?: string): ResolvedProfile {
  const issues = new ConfigIssues();
  const checked = checkShape(config, issues);
  issues.throwIfAny();
  const resolved = new Map(Object.keys(checked.profiles).map((each) => [each, resolve(checked, each, issues)]));
  const wanted = name ?? checked.defaultProfile;
  const profile = resolved.get(wanted);
  if (profile === undefined && !resolved.has(wanted)) {
    issues.unknown(name === undefined ? ['defaultProfile'] : ['profile'], wanted, [...resolved.keys()]);
  }
  issues.throwIfAny();
  return profile as ResolvedProfile;
}

function checkShape(config: unknown, issues: ConfigIssues): Config {
  const plugin = z.custom<Plugin>(isPlugin, 'expected a plugin: what definePlugin returns');
  const use = (kind: PluginKind) =>
    z
      .custom<PluginUse>(isPluginUse, { error: 'expected a called plugin, such as plugin({ … })', abort: true })
      .refine((value) => value.definition.kind === kind, {
        error: ({ input }) => `expected a plugin of kind ${kind}, got ${describeUse(input)}`,
      })
      .optional();
  const slots = Object.fromEntries(PLUGIN_KINDS.map((kind) => [kind, use(kind)]));
  const profile = z.strictObject({
    extends: z.string().optional(),
    about: z.string().min(1),
    ...slots,
    settings: z.record(z.string(), z.unknown()).optional(),
  });
  const profileName = z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,32}$/, 'expected 1 to 32 letters, digits, dots, dashes or underscores');
  const schema = z.strictObject({
    plugins: z.array(plugin),
    profiles: z.record(profileName, profile),
    defaultProfile: z.string(),
  });
  const parsed = schema.safeParse(config);
  if (!parsed.success) issues.addZod([], parsed.error, config, schema);
  return config as Config;
}

function resolve(config: Config, name: string, issues: ConfigIssues): ResolvedProfile | undefined {
  const chain = ancestry(config, name, issues);
  const own = chain?.[0];
  if (chain === undefined || own === undefined) return undefined;
  const slots = Object.fromEntries(PLUGIN_KINDS.map((kind) => [kind, resolveSlot(chain, kind, issues)]));
  const settings = resolveSettings(chain, issues);
  return { name, about: own.profile.about, slots: slots as ResolvedProfile['slots'], settings };
}

interface Ancestor {
  readonly name: string;
  readonly profile: Profile;
}

/** The profile and those it extends, nearest first; `undefined`, with an issue, where the chain is broken or goes in a circle. */
function ancestry(config: Config, name: string, issues: ConfigIssues): Ancestor[] | undefined {
  const chain: Ancestor[] = [];
  for (let next: string | undefined = name; next !== undefined;) {
    const from = chain.at(-1);
    if (chain.some((ancestor) => ancestor.name === next)) {
      issues.add(
        ['profiles', name, 'extends'],
        `the profiles extend each other in a circle: ${[...chain.map((each) => each.name), next].join(' -> ')}`,
      );
      return undefined;
    }
    const profile: Profile | undefined = Object.hasOwn(config.profiles, next) ? config.profiles[next] : undefined;
    if (profile === undefined) {
      if (from === undefined || from.name === name)
        issues.unknown(['profiles', name, 'extends'], next, Object.keys(config.profiles));
      return undefined;
    }
    chain.push({ name: next, profile });
    next = profile.extends;
  }
  return chain;
}

function resolveSlot(
  chain: readonly Ancestor[],
  kind: PluginKind,
  issues: ConfigIssues,
): ResolvedSlot<PluginKind> | undefined {
  const filled = chain.find(({ profile }) => profile[kind] !== undefined);
  const use = filled?.profile[kind];
  if (filled === undefined || use === undefined) {
    const extended = chain.slice(1).map(({ name }) => name);
    issues.add(
      ['profiles', chain[0]?.name ?? '', kind],
      `the slot is empty${extended.length > 0 ? `, and so it is in ${extended.join(', ')}` : ''}; expected a plugin of kind ${kind}`,
    );
    return undefined;
  }
  const { definition } = use;
  const parsed = definition.options.safeParse(use.options);
  if (!parsed.success) {
    if (filled === chain[0])
      issues.addZod(['profiles', filled.name, kind, definition.name], parsed.error, use.options, definition.options);
    return undefined;
  }
  const create = definition.create as (options: unknown, context: PluginContext) => PluginContracts[PluginKind];
  return { definition, options: parsed.data, create: (context) => create(parsed.data, context) };
}

function resolveSettings(chain: readonly Ancestor[], issues: ConfigIssues): Settings {
  const own = chain[0];
  const name = own?.name ?? '';
  // Each profile is told of its own settings only: what is inherited was told where it stands.
  const checked = settingsSchema.safeParse(own?.profile.settings ?? {});
  if (!checked.success) {
    issues.addZod(['profiles', name, 'settings'], checked.error, own?.profile.settings, settingsSchema);
  }
  const merged = Object.assign({}, ...chain.toReversed().map(({ profile }) => profile.settings ?? {})) as unknown;
  const parsed = settingsSchema.safeParse(merged);
  if (!parsed.success) return settingsSchema.parse({});
  const settings = parsed.data;
  const path = (key: string) => ['profiles', name, 'settings', key];
  const sets = (...keys: (keyof Settings)[]) => keys.some((key) => own?.profile.settings?.[key] !== undefined);
  if (sets('deadMs', 'heartbeatMs') && settings.deadMs <= settings.heartbeatMs) {
    issues.add(
      path('deadMs'),
      `${settings.deadMs} is not above heartbeatMs (${settings.heartbeatMs}): every neighbour would be declared dead`,
    );
  }
  if (sets('latitude', 'longitude') && (settings.latitude === undefined) !== (settings.longitude === undefined)) {
    issues.add(
      path(settings.latitude === undefined ? 'latitude' : 'longitude'),
      'latitude and longitude are given together',
    );
  }
  return settings;
}
