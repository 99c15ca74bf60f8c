import { z } from 'zod';
import {
  NodeContainer,
  TOKENS,
  definePlugin,
  resolveProfile,
  type NodeWorld,
  type PluginContext,
} from '../../src/kernel/index.ts';
import {
  MemoryDisk,
  VirtualClock,
  inlineHasher,
  memoryIndex,
  seededRandom,
  silentLogger,
} from '../../src/kit/index.ts';
import { aesGcm, bTree, memory, sequential, silent } from '../../src/plugins/index.ts';

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
    privateDirectory: '/shared/.private',
  };
}

/** A container whose logger and cipher are made by these functions. */
function containerWith(makes: {
  logger?: (context: PluginContext) => void;
  cipher?: (context: PluginContext) => void;
}) {
  const logger = definePlugin({
    name: 'closing-logger',
    kind: 'logger',
    about: 'x',
    options: z.strictObject({}),
    create: (_options, context) => {
      makes.logger?.(context);
      return silentLogger();
    },
  });
  const cipher = definePlugin({
    name: 'closing-cipher',
    kind: 'cipher',
    about: 'x',
    options: z.strictObject({}),
    create: (options, context) => {
      makes.cipher?.(context);
      return aesGcm.definition.create(options, context);
    },
  });
  const profile = resolveProfile({
    plugins: [],
    profiles: {
      main: {
        about: 'x',
        transport: memory(),
        cipher: cipher(),
        neighbourPriority: bTree(),
        pieceStrategy: sequential(),
        logger: makes.logger === undefined ? silent() : logger(),
      },
    },
    defaultProfile: 'main',
  });
  return new NodeContainer(profile, world());
}

describe('the container of a node', () => {
  test('closes what plugins registered, the last first, once', async () => {
    const closed: string[] = [];
    const container = containerWith({
      logger: ({ onClose }) => onClose(async () => void closed.push('logger')),
      cipher: ({ onClose }) => {
        onClose(async () => void closed.push('cipher, first'));
        onClose(async () => void closed.push('cipher, second'));
      },
    });
    container.get(TOKENS.cipher);
    await Promise.all([container.close(), container.close()]);
    expect(closed).toEqual(['cipher, second', 'cipher, first', 'logger']);
  });

  test('closes the rest where something fails to close, and reports the first failure', async () => {
    const closed: string[] = [];
    const container = containerWith({
      logger: ({ onClose }) => onClose(async () => void closed.push('logger')),
      cipher: ({ onClose }) => onClose(async () => Promise.reject(new Error('cannot close'))),
    });
    container.get(TOKENS.cipher);
    await expect(container.close()).rejects.toThrow('cannot close');
    expect(closed).toEqual(['logger']);
  });

  test('closes nothing of a plugin that nobody asked for', async () => {
    let made = false;
    const container = containerWith({ cipher: () => (made = true) });
    await container.close();
    expect(made).toBe(false);
  });

  test('tells plugins where the node keeps what is its own', () => {
    let told: string | undefined;
    const container = containerWith({ logger: ({ privateDirectory }) => (told = privateDirectory) });
    container.get(TOKENS.logger);
    expect(told).toBe('/shared/.private');
  });
});
