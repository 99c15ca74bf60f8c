import { z } from 'zod';
import { definePlugin, resolveProfile, type PluginKind } from '../../src/kernel/index.ts';
import { thrownBy } from '../support/thrown-by.ts';
import { silentLogger } from '../../src/kit/index.ts';

/** A plugin that is never created: a wrong config fails before. */
function plugin(name: string, kind: PluginKind, options: z.ZodType = z.strictObject({})) {
  const create = () => {
    throw new Error('a plugin was created');
  };
  return definePlugin({ name, kind, about: 'for tests', options, create });
}

const transport = plugin(
  'wire',
  'transport',
  z.strictObject({
    backlog: z.int().min(1).max(100).default(10),
    path: z.string().default('/'),
    mode: z.enum(['fast', 'safe']).default('safe'),
    nested: z.strictObject({ depth: z.int().max(3).default(1) }).default({ depth: 1 }),
  }),
);
const cipher = plugin('seal', 'cipher');
const neighbourPriority = plugin('list', 'neighbourPriority');
const pieceStrategy = plugin('first', 'pieceStrategy');
const logger = plugin('quiet', 'logger');

const base = {
  about: 'all slots filled',
  transport: transport(),
  cipher: cipher(),
  neighbourPriority: neighbourPriority(),
  pieceStrategy: pieceStrategy(),
  logger: logger(),
};

function withProfiles(profiles: Record<string, unknown>, rest: Record<string, unknown> = {}): unknown {
  return { plugins: [transport, cipher], profiles, defaultProfile: 'main', ...rest };
}

function withMain(changes: Record<string, unknown>): unknown {
  return withProfiles({ main: { ...base, ...changes } });
}

function without(slot: keyof typeof base): Record<string, unknown> {
  return Object.fromEntries(Object.entries(base).filter(([key]) => key !== slot));
}

interface Mistake {
  readonly what: string;
  readonly config: unknown;
  readonly profile?: string;
  /** Parts of the message: path, value, what is allowed. */
  readonly told: readonly string[];
}

const mistakes: readonly Mistake[] = [
  { what: 'no config at all', config: undefined, told: ['the config', 'nothing given'] },
  { what: 'a config that is a function', config: () => base, told: ['the config', 'got a function'] },
  { what: 'a list for a config', config: [], told: ['the config', 'got []'] },
  { what: 'no profiles', config: { plugins: [], defaultProfile: 'main' }, told: ['profiles', 'nothing given'] },
  {
    what: 'a misspelt key of the config',
    config: { ...(withMain({}) as object), defaultProfil: 'main' },
    told: ['defaultProfil: unknown option', 'did you mean defaultProfile?'],
  },
  {
    what: 'no default profile',
    config: { plugins: [], profiles: { main: base } },
    told: ['defaultProfile', 'nothing given'],
  },
  {
    what: 'a default profile that is not there',
    config: withProfiles({ main: base }, { defaultProfile: 'man' }),
    told: ['defaultProfile: unknown name "man"', 'did you mean main?', 'allowed: main'],
  },
  {
    what: 'asking for an unknown profile',
    config: withMain({}),
    profile: 'mian',
    told: ['profile: unknown name "mian"', 'did you mean main?', 'allowed: main'],
  },
  {
    what: 'asking for a name that every object has',
    config: withMain({}),
    profile: 'constructor',
    told: ['profile: unknown name "constructor"', 'allowed: main'],
  },
  { what: 'a profile name with a blank', config: withProfiles({ main: base, 'a b': base }), told: ['profiles.a b'] },
  {
    what: 'a profile that is no object',
    config: withProfiles({ main: base, other: 7 }),
    told: ['profiles.other', 'got 7'],
  },
  {
    what: 'a profile without about',
    config: withProfiles({ main: without('about') }),
    told: ['profiles.main.about', 'nothing given'],
  },
  { what: 'an empty about', config: withMain({ about: '' }), told: ['profiles.main.about', 'got ""'] },
  {
    what: 'a misspelt slot',
    config: withMain({ transprot: transport() }),
    told: ['profiles.main.transprot: unknown option', 'did you mean transport?', 'neighbourPriority'],
  },
  {
    what: 'extending a profile that is not there',
    config: withProfiles({ main: base, other: { about: 'x', extends: 'mainn' } }),
    told: ['profiles.other.extends: unknown name "mainn"', 'did you mean main?'],
  },
  {
    what: 'extending itself',
    config: withProfiles({ main: { ...base, extends: 'main' } }),
    told: ['profiles.main.extends', 'in a circle: main -> main'],
  },
  {
    what: 'a circle of three',
    config: withProfiles({
      main: { ...base, extends: 'b' },
      b: { about: 'b', extends: 'c' },
      c: { about: 'c', extends: 'main' },
    }),
    told: ['profiles.main.extends', 'main -> b -> c -> main'],
  },
  { what: 'extends that is no text', config: withMain({ extends: 5 }), told: ['profiles.main.extends', 'got 5'] },
  {
    what: 'an empty slot',
    config: withProfiles({ main: without('cipher') }),
    told: ['profiles.main.cipher: the slot is empty', 'expected a plugin of kind cipher'],
  },
  {
    what: 'a slot that is empty in all that is extended too',
    config: withProfiles({ main: { about: 'm', extends: 'base' }, base: without('logger') }),
    told: ['profiles.main.logger: the slot is empty, and so it is in base'],
  },
  {
    what: 'a plugin that was not called',
    config: withMain({ transport }),
    told: ['profiles.main.transport', 'expected a called plugin', 'got a function'],
  },
  {
    what: "a plugin's name for a plugin",
    config: withMain({ transport: 'wire' }),
    told: ['profiles.main.transport', 'got "wire"'],
  },
  { what: 'null in a slot', config: withMain({ transport: null }), told: ['profiles.main.transport', 'got null'] },
  {
    what: 'a made thing instead of a plugin',
    config: withMain({ logger: silentLogger() }),
    told: ['profiles.main.logger', 'expected a called plugin'],
  },
  {
    what: 'a plugin of another kind',
    config: withMain({ transport: cipher() }),
    told: ['profiles.main.transport', 'expected a plugin of kind transport', 'seal of kind cipher'],
  },
  {
    what: 'a misspelt option',
    config: withMain({ transport: transport({ backlgo: 3 }) }),
    told: ['profiles.main.transport.wire.backlgo: unknown option', 'did you mean backlog?', 'backlog, path, mode'],
  },
  {
    what: 'an option nothing is like',
    config: withMain({ transport: transport({ colour: 3 }) }),
    told: ['profiles.main.transport.wire.colour: unknown option; allowed: backlog'],
  },
  {
    what: 'an option of a plugin that has none',
    config: withMain({ cipher: cipher({ key: 'secret' }) }),
    told: ['profiles.main.cipher.seal.key: unknown option; allowed: none'],
  },
  {
    what: 'an option below its range',
    config: withMain({ transport: transport({ backlog: 0 }) }),
    told: ['profiles.main.transport.wire.backlog', '>=1', 'got 0'],
  },
  {
    what: 'an option above its range',
    config: withMain({ transport: transport({ backlog: 101 }) }),
    told: ['profiles.main.transport.wire.backlog', '<=100', 'got 101'],
  },
  {
    what: 'an option of another type',
    config: withMain({ transport: transport({ backlog: '10' }) }),
    told: ['profiles.main.transport.wire.backlog', 'got "10"'],
  },
  {
    what: 'a number that is not whole',
    config: withMain({ transport: transport({ backlog: 1.5 }) }),
    told: ['profiles.main.transport.wire.backlog', 'got 1.5'],
  },
  {
    what: 'an option that is none of the choices',
    config: withMain({ transport: transport({ mode: 'quick' }) }),
    told: ['profiles.main.transport.wire.mode', '"fast"|"safe"', 'got "quick"'],
  },
  {
    what: 'a choice with one letter off',
    config: withMain({ transport: transport({ mode: 'safr' }) }),
    told: ['profiles.main.transport.wire.mode', '"fast"|"safe"', 'got "safr"', 'did you mean safe?'],
  },
  {
    what: 'a misspelt option inside an option',
    config: withMain({ transport: transport({ nested: { dept: 1 } }) }),
    told: ['profiles.main.transport.wire.nested.dept: unknown option', 'did you mean depth?'],
  },
  {
    what: 'options that are no object',
    config: withMain({ transport: transport('fast') }),
    told: ['profiles.main.transport.wire', 'got "fast"'],
  },
  {
    what: 'a misspelt setting',
    config: withMain({ settings: { hartbeatMs: 5 } }),
    told: ['profiles.main.settings.hartbeatMs: unknown option', 'did you mean heartbeatMs?'],
  },
  {
    what: 'a setting out of its range',
    config: withMain({ settings: { uploads: 0 } }),
    told: ['profiles.main.settings.uploads', '>=1', 'got 0'],
  },
  {
    what: 'a setting of another type',
    config: withMain({ settings: { heartbeatMs: '2s' } }),
    told: ['profiles.main.settings.heartbeatMs', 'got "2s"'],
  },
  {
    what: 'a setting that is infinite',
    config: withMain({ settings: { deadMs: Infinity } }),
    told: ['profiles.main.settings.deadMs', 'got Infinity'],
  },
  {
    what: 'death before the next heartbeat',
    config: withMain({ settings: { heartbeatMs: 20_000 } }),
    told: ['profiles.main.settings.deadMs: 10000 is not above heartbeatMs (20000)'],
  },
  {
    what: 'half a place on earth',
    config: withMain({ settings: { latitude: 52 } }),
    told: ['profiles.main.settings.longitude', 'given together'],
  },
  {
    what: 'settings that are no object',
    config: withMain({ settings: [1] }),
    told: ['profiles.main.settings', 'got [1]'],
  },
  {
    what: 'something else in the list of plugins',
    config: { ...(withMain({}) as object), plugins: [transport, {}] },
    told: ['plugins[1]', 'expected a plugin'],
  },
  {
    what: 'a called plugin in the list of plugins',
    config: { ...(withMain({}) as object), plugins: [transport()] },
    told: ['plugins[0]', 'expected a plugin'],
  },
  {
    what: 'a mistake in a profile that was not asked for',
    config: withProfiles({ main: base, other: { ...base, settings: { uploads: -1 } } }),
    told: ['profiles.other.settings.uploads', 'got -1'],
  },
];

describe('resolveProfile', () => {
  test.each(mistakes)('tells of $what: the path, the value, and what is allowed', ({ config, profile, told }) => {
    const error = thrownBy(() => resolveProfile(config, profile));
    expect(error).toMatchObject({ code: 'ERR_CONFIG' });
    for (const part of told) expect(error.message).toContain(part);
  });

  test('tells all mistakes of a config at once, each on a line of its own', () => {
    const config = withProfiles({
      main: { ...base, transport: transport({ backlog: 0, mod: 'fast' }), settings: { uploads: 0 } },
      other: without('logger'),
    });
    const { message } = thrownBy(() => resolveProfile(config));
    const paths = message.split('\n').map((line) => line.trim().split(':')[0]);
    expect(paths.slice(1).sort()).toEqual([
      'profiles.main.settings.uploads',
      'profiles.main.transport.wire.backlog',
      'profiles.main.transport.wire.mod',
      'profiles.other.logger',
    ]);
  });

  test('tells a mistake in what several profiles inherit once, where it was made', () => {
    const config = withProfiles({
      main: { ...base, transport: transport({ backlog: 0 }), settings: { uploads: 0 } },
      dead: { ...base, settings: { deadMs: 1_000 } },
      late: { about: 'z', extends: 'dead' },
      one: { about: 'x', extends: 'main' },
      two: { about: 'y', extends: 'one' },
    });
    const { message } = thrownBy(() => resolveProfile(config, 'two'));
    expect(message.match(/backlog/g)).toHaveLength(1);
    expect(message.match(/uploads/g)).toHaveLength(1);
    expect(message.match(/deadMs/g)).toHaveLength(1);
  });

  test('never shows more of a value than a line', () => {
    const { message } = thrownBy(() => resolveProfile(withMain({ about: { long: 'x'.repeat(10_000) } })));
    expect(message.length).toBeLessThan(300);
  });
});
