import { z } from 'zod';
import shipped from '../../plugins.config.ts';
import { PLUGIN_KINDS, definePlugin, resolveProfile, type Config, type PluginContext } from '../../src/kernel/index.ts';
import { VirtualClock, seededRandom, silentLogger } from '../../src/kit/index.ts';
import { bTree, inorderBinaryTree, silent } from '../../src/plugins/index.ts';

const base = shipped.profiles.default!;

function configOf(profiles: Config['profiles']): Config {
  return { plugins: [], profiles: { default: base, ...profiles }, defaultProfile: 'default' };
}

describe('resolveProfile', () => {
  test('takes the default profile where none is asked for', () => {
    expect(resolveProfile(shipped).name).toBe('default');
    expect(resolveProfile(shipped, 'inorder').name).toBe('inorder');
  });

  test('takes from the profile extended each slot that is left out, whole', () => {
    const config = configOf({
      small: { extends: 'default', about: 'small nodes', neighbourPriority: bTree({ order: 8 }) },
      quiet: { extends: 'small', about: 'quiet too', logger: silent() },
    });
    const { about, slots } = resolveProfile(config, 'quiet');
    expect(about).toBe('quiet too');
    expect(slots.logger.definition.name).toBe('silent');
    expect(slots.neighbourPriority.options).toEqual({ order: 8 });
    expect(slots.transport.definition.name).toBe(base.transport!.definition.name);
  });

  test('replaces a slot whole: options of the one extended do not come through', () => {
    const config = configOf({
      small: { extends: 'default', about: 'x', neighbourPriority: bTree({ order: 8 }) },
      plain: { extends: 'small', about: 'y', neighbourPriority: bTree() },
    });
    expect(resolveProfile(config, 'plain').slots.neighbourPriority.options).toEqual({ order: 64 });
  });

  test('inherits each setting by itself', () => {
    const config = configOf({
      fast: { extends: 'default', about: 'x', settings: { heartbeatMs: 100, scanMs: 200 } },
      faster: { extends: 'fast', about: 'y', settings: { scanMs: 50 } },
    });
    expect(resolveProfile(config, 'faster').settings).toMatchObject({ heartbeatMs: 100, scanMs: 50, deadMs: 10_000 });
  });

  test('creates nothing, and writes nothing into the config', () => {
    const create = () => {
      throw new Error('created');
    };
    const eager = definePlugin({
      name: 'eager',
      kind: 'logger',
      about: 'x',
      options: z.strictObject({ level: z.string().default('info') }),
      create,
    });
    const options = Object.freeze({});
    const use = eager(options);
    const config = configOf({ main: { extends: 'default', about: 'x', logger: use } });
    expect(resolveProfile(config, 'main').slots.logger.options).toEqual({ level: 'info' });
    expect(use.options).toBe(options);
  });

  test('makes a plugin, anew at each call, with its parsed options', () => {
    const context: PluginContext = {
      clock: new VirtualClock(),
      random: seededRandom(1),
      logger: silentLogger(),
      environment: {},
      stderr: { isTerminal: false, write: () => undefined },
      onClose: () => undefined,
    };
    const { slots } = resolveProfile(
      configOf({ tree: { extends: 'default', about: 'x', neighbourPriority: inorderBinaryTree() } }),
      'tree',
    );
    const [one, two] = [slots.neighbourPriority.create(context), slots.neighbourPriority.create(context)];
    one.insert({ score: 1, id: 'a' });
    expect([one.size, two.size]).toEqual([1, 0]);
  });

  test('takes plugins made by another copy of the kernel', () => {
    // What another copy makes is equal in everything but the identity of classes and functions.
    const { definition, options } = bTree({ order: 16 });
    const foreign = { [Symbol.for('peerhold.plugin-use')]: true, definition: { ...definition }, options };
    const config = configOf({ main: { extends: 'default', about: 'x', neighbourPriority: foreign as never } });
    expect(resolveProfile(config, 'main').slots.neighbourPriority.options).toEqual({ order: 16 });
  });
});

describe('the shipped config', () => {
  test.each(Object.keys(shipped.profiles))('profile %s fills every slot', (name) => {
    expect(Object.keys(resolveProfile(shipped, name).slots).sort()).toEqual([...PLUGIN_KINDS].sort());
  });

  test('default is the documented system', () => {
    const { slots } = resolveProfile(shipped, 'default');
    const names = PLUGIN_KINDS.map((kind) => `${kind}: ${slots[kind].definition.name}`);
    expect(names).toEqual([
      'transport: mrt-udp',
      'cipher: aes-gcm',
      'neighbourPriority: b-tree',
      'pieceStrategy: sequential',
      'logger: console',
    ]);
  });

  test('inorder differs from it in the tree alone', () => {
    const [one, other] = [resolveProfile(shipped, 'default'), resolveProfile(shipped, 'inorder')];
    const differing = PLUGIN_KINDS.filter(
      (kind) => one.slots[kind].definition.name !== other.slots[kind].definition.name,
    );
    expect(differing).toEqual(['neighbourPriority']);
    expect(other.slots.neighbourPriority.definition.name).toBe('inorder-binary-tree');
    expect(other.settings).toEqual(one.settings);
  });

  test('lists each plugin once, and every one that a profile uses', () => {
    const listed = shipped.plugins.map(({ definition }) => `${definition.kind}/${definition.name}`);
    expect(new Set(listed).size).toBe(listed.length);
    for (const name of Object.keys(shipped.profiles)) {
      const { slots } = resolveProfile(shipped, name);
      for (const kind of PLUGIN_KINDS) expect(listed).toContain(`${kind}/${slots[kind].definition.name}`);
    }
  });

  test('says of every option of every plugin what it is for and what it is by default', () => {
    for (const { definition } of shipped.plugins) {
      expect(definition.about).toMatch(/^[A-Z].*\.$/);
      expect(definition.options).toBeInstanceOf(z.ZodObject);
      const { shape } = definition.options as z.ZodObject;
      for (const [name, schema] of Object.entries(shape)) {
        expect([definition.name, name, (schema as z.ZodType).description ?? '']).toEqual([
          definition.name,
          name,
          expect.stringMatching(/^.{10,}\.$/),
        ]);
      }
      expect(definition.options.safeParse({}).success).toBe(true);
    }
  });
});
