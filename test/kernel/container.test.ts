import { NodeContainer, TOKENS, defineConfig, resolveProfile, token, type NodeWorld } from '../../src/kernel/index.ts';
import { MemoryDisk, VirtualClock, inlineHasher, memoryIndex, seededRandom } from '../../src/kit/index.ts';
import {
  aesGcm,
  bTree,
  consoleLogger,
  inorderBinaryTree,
  memory,
  MemoryNetwork,
  none,
  sequential,
  silent,
} from '../../src/plugins/index.ts';

function world(): NodeWorld {
  const clock = new VirtualClock();
  return {
    clock,
    random: seededRandom(1),
    disk: new MemoryDisk({ clock }),
    index: memoryIndex(),
    hasher: inlineHasher(),
    environment: {},
    stderr: { isTerminal: false, write: () => undefined },
  };
}

const network = new MemoryNetwork();
const common = { about: 'test', transport: memory({ network }), pieceStrategy: sequential() };
const config = defineConfig({
  plugins: [],
  defaultProfile: 'one',
  profiles: {
    one: { ...common, cipher: none(), neighbourPriority: bTree(), logger: silent() },
    two: { ...common, cipher: aesGcm(), neighbourPriority: inorderBinaryTree(), logger: consoleLogger() },
  },
});

describe('the container of a node', () => {
  test('holds the world it was given, and the plugin of each slot', () => {
    const given = world();
    const container = new NodeContainer(resolveProfile(config, 'two'), given);
    expect(container.get(TOKENS.clock)).toBe(given.clock);
    expect(container.get(TOKENS.disk)).toBe(given.disk);
    expect(container.get(TOKENS.cipher).name).toBe('aes-gcm');
    expect(container.get(TOKENS.profile).name).toBe('two');
  });

  test('makes each thing once, when it is first asked for', () => {
    const container = new NodeContainer(resolveProfile(config), world());
    const key = token<object>('thing');
    let made = 0;
    container.factory(key, () => ({ number: ++made }));
    expect(made).toBe(0);
    expect(container.get(key)).toBe(container.get(key));
    expect(made).toBe(1);
    expect(container.get(TOKENS.transport)).toBe(container.get(TOKENS.transport));
  });

  test('shares nothing with that of another node, of whichever profile', () => {
    const key = token<object>('thing');
    const containers = ['one', 'one', 'two'].map((name) => {
      const container = new NodeContainer(resolveProfile(config, name), world());
      container.factory(key, () => ({}));
      return container;
    });
    for (const each of [key, TOKENS.transport, TOKENS.neighbourPriority, TOKENS.index, TOKENS.clock]) {
      const things = containers.map((container) => container.get<unknown>(each as typeof TOKENS.clock));
      expect(new Set(things).size).toBe(3);
    }
  });

  test('has nothing under a token that nobody registered there, even of the same name elsewhere', () => {
    const [a, b] = [
      new NodeContainer(resolveProfile(config), world()),
      new NodeContainer(resolveProfile(config), world()),
    ];
    const key = token<object>('thing');
    a.value(key, {});
    expect(() => b.get(key)).toThrow();
    expect(() => a.get(token<object>('thing'))).toThrow();
  });
});
