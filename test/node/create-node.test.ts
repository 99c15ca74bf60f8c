import { defineConfig, resolveProfile, type NodeWorld } from '../../src/kernel/index.ts';
import { MemoryDisk, VirtualClock, inlineHasher, memoryIndex, seededRandom } from '../../src/kit/index.ts';
import { createNode } from '../../src/node/create-node.ts';
import {
  bTree,
  inorderBinaryTree,
  memory,
  MemoryNetwork,
  none,
  random,
  sequential,
  silent,
} from '../../src/plugins/index.ts';

const SHARED_KEY = new Uint8Array(32).fill(1);
const clock = new VirtualClock();
const network = new MemoryNetwork();

function world(seed: number): NodeWorld {
  return {
    clock,
    random: seededRandom(seed),
    disk: new MemoryDisk({ clock }),
    index: memoryIndex(),
    hasher: inlineHasher(),
    environment: {},
    stderr: { isTerminal: false, write: () => undefined },
  };
}

const common = { about: 'test', transport: memory({ network }), cipher: none(), logger: silent() };
const settings = { allowPlaintext: true };
const config = defineConfig({
  plugins: [],
  defaultProfile: 'one',
  profiles: {
    one: { ...common, settings, neighbourPriority: bTree(), pieceStrategy: sequential() },
    two: {
      ...common,
      settings: { ...settings, zone: 'z' },
      neighbourPriority: inorderBinaryTree(),
      pieceStrategy: random(),
    },
  },
});

async function running<T>(work: Promise<T>): Promise<T> {
  let over = false;
  const tracked = work.finally(() => (over = true));
  tracked.catch(() => undefined);
  while (!over) await clock.advance(1);
  return tracked;
}

const node = (profile: string, number: number, user = `user${number}`) =>
  running(
    createNode({
      profile: resolveProfile(config, profile),
      world: world(number),
      sharedKey: SHARED_KEY,
      user,
      listen: `10.0.1.${number}:1`,
    }),
  );

describe('createNode', () => {
  test('makes nodes of different profiles in one process that share nothing and understand each other', async () => {
    const [a, b] = [await node('one', 1), await node('two', 2)];
    expect([a.profileName, b.profileName]).toEqual(['one', 'two']);
    expect(a.id).not.toBe(b.id);
    await running(a.add(b.address));
    expect([a.peers().map(({ id }) => id), b.peers().map(({ id }) => id)]).toEqual([[b.id], [a.id]]);
    await running(a.close());
    expect(b.status()).toMatchObject({ known: 0, profile: 'two' });
    await running(b.close());
    expect(clock.pendingTimers).toBe(0);
  });

  test.each(['', 'with space', 'ü', 'a'.repeat(33)])('refuses %j as the label of a user', async (user) => {
    await expect(node('one', 3, user)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });

  test('that fails leaves nothing behind', async () => {
    const a = await node('one', 4);
    await expect(node('one', 4)).rejects.toMatchObject({ code: 'ERR_ADDRESS_IN_USE' });
    await running(a.close());
    expect(clock.pendingTimers).toBe(0);
  });
});
