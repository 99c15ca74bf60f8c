import { z } from 'zod';
import { PLUGIN_KINDS, resolveProfile, settingsSchema, type Config, type PluginKind } from '../src/kernel/index.ts';

/** What of a JSON schema the page shows. */
interface OptionSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: OptionSchema;
  readonly anyOf?: readonly OptionSchema[];
}

const HEADINGS: Readonly<Record<PluginKind, string>> = {
  transport: 'Transports',
  cipher: 'Ciphers',
  neighbourPriority: 'Neighbour priorities',
  pieceStrategy: 'Piece strategies',
  logger: 'Loggers',
};

/** docs/configuration.md: every profile, every option of every plugin and every setting, from the config and the schemas themselves. */
export function configurationPage(config: Config): string {
  return `# Configuration

<!-- Written by \`npm run docs\` from the config and the schemas; a test compares. -->

A config is a file with \`export default defineConfig({ plugins, profiles, defaultProfile })\`. A profile fills the slots \`${PLUGIN_KINDS.join('`, `')}\`
by calling plugins with their options, and may change \`settings\`. What it leaves out comes from the profile it \`extends\`: a slot whole, a setting
by itself. Everything is checked before anything starts: whatever is wrong is told with the path to it, the value and what is allowed.

\`\`\`ts
import { defineConfig } from 'peerhold';
import shipped from 'peerhold/config';

export default defineConfig({
  ...shipped,
  profiles: {
    ...shipped.profiles,
    patient: { extends: 'default', about: 'For slow links.', settings: { heartbeatMs: 5_000, deadMs: 30_000 } },
  },
  defaultProfile: 'patient',
});
\`\`\`

\`peerhold start ./shared --config my.config.ts\` uses it; \`peerhold profiles\`, \`plugins\` and \`config --profile NAME\`, with \`--config\`, show
what it comes to. [plugins.md](plugins.md) says how to write a plugin of your own.

## Profiles

${profiles(config)}

## Settings

Durations are in milliseconds, lengths in bytes.

${optionTable(settingsSchema)}

${PLUGIN_KINDS.map((kind) => `## ${HEADINGS[kind]}\n\n${plugins(config, kind)}`).join('\n\n')}
`;
}

function profiles(config: Config): string {
  const names = Object.keys(config.profiles);
  const rows = names.map((name) => {
    const { about, slots } = resolveProfile(config, name);
    const filled = PLUGIN_KINDS.map((kind) => `\`${slots[kind].definition.name}\``);
    return [`\`${name}\`${name === config.defaultProfile ? ' (default)' : ''}`, about, ...filled];
  });
  return table(['profile', 'for', ...PLUGIN_KINDS], rows);
}

function plugins(config: Config, kind: PluginKind): string {
  return config.plugins
    .filter(({ definition }) => definition.kind === kind)
    .map(({ definition: { name, about, options } }) => `### \`${name}\`\n\n${about}\n\n${optionTable(options)}`)
    .join('\n\n');
}

function optionTable(schema: z.ZodType): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Readonly<Record<string, OptionSchema>>;
  };
  const rows = Object.entries(properties).map(([name, option]) => [
    `\`${name}\``,
    allowed(option),
    option.default === undefined ? 'none' : code(option.default),
    option.description ?? '',
  ]);
  return rows.length === 0 ? 'It has no options.' : table(['option', 'allowed', 'default', 'meaning'], rows);
}

/** What values an option takes, in words. */
function allowed(option: OptionSchema): string {
  if (option.enum !== undefined) return option.enum.map(code).join(', ');
  if (option.anyOf !== undefined) return option.anyOf.map(allowed).join(', or ');
  if (option.type === 'array') return `a list: ${allowed(option.items ?? {})}`;
  const { type = 'see meaning', minimum, maximum, minLength, maxLength, pattern } = option;
  const name = type === 'integer' ? 'whole number' : type;
  if (pattern !== undefined) return `${name} like ${code(pattern)}`;
  const [low, high, of] = type === 'string' ? [minLength, maxLength, ' of length'] : [minimum, maximum, ''];
  if (low === undefined && high === undefined) return name;
  const range = [low === undefined ? '' : `from ${count(low)}`, high === undefined ? '' : `to ${count(high)}`];
  return `${name}${of} ${range.join(' ').trim()}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function code(value: unknown): string {
  const text = typeof value === 'number' ? count(value) : typeof value === 'string' ? value : JSON.stringify(value);
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
