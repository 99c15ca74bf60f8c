import { defineConfig, resolveProfile, type Address, type PluginUse } from '../../src/kernel/index.ts';
import { MemoryDisk, inlineHasher, memoryIndex, seededRandom } from '../../src/kit/index.ts';
import { systemClock } from '../../src/kit/world/system-clock.ts';
import { createNode } from '../../src/node/create-node.ts';
import type { StorageNode } from '../../src/node/storage-node.ts';
import { aesGcm, bTree, mrtUdp, sequential, silent, tcp, websocket } from '../../src/plugins/index.ts';

const clock = systemClock();

/** What of a node outlives it. */
interface Machine {
  readonly disk: MemoryDisk;
  readonly index: ReturnType<typeof memoryIndex>;
  readonly random: ReturnType<typeof seededRandom>;
}

const machine = (seed: number): Machine => ({
  disk: new MemoryDisk({ clock }),
  index: memoryIndex(),
  random: seededRandom(seed),
});

const transports: readonly (readonly [string, PluginUse<'transport'>, (port: string) => Address])[] = [
  ['mrt-udp', mrtUdp(), (port) => `0.0.0.0:${port}`],
  ['tcp', tcp(), (port) => `0.0.0.0:${port}`],
  ['websocket', websocket(), (port) => `ws://0.0.0.0:${port}/some/path`],
];

describe.each(transports)('nodes over %s', (_, transport, everywhere) => {
  const nodes: StorageNode[] = [];
  afterEach(async () => {
    for (const node of nodes.splice(0).reverse()) await node.close();
  });

  async function start(listen: Address, { disk, index, random }: Machine, advertise?: Address): Promise<StorageNode> {
    const config = defineConfig({
      plugins: [],
      defaultProfile: 'real',
      profiles: {
        real: {
          about: 'tests',
          transport,
          cipher: aesGcm(),
          neighbourPriority: bTree(),
          pieceStrategy: sequential(),
          logger: silent(),
        },
      },
    });
    const stderr = { isTerminal: false, write: () => undefined };
    const node = await createNode({
      profile: resolveProfile(config),
      world: { clock, random, disk, index, hasher: inlineHasher(), environment: {}, stderr },
      sharedKey: new Uint8Array(32).fill(7),
      user: 'ann',
      listen,
      advertise,
    });
    nodes.push(node);
    return node;
  }

  const portOf = (node: StorageNode) => node.addressForm.split(node.address)!.port;
  const onLoopback = (node: StorageNode) =>
    node.addressForm.join(node.address, { host: '127.0.0.1', port: portOf(node) });

  test('that listen on all addresses are found where they were seen, and the others are told so', async () => {
    const [first, second, third] = [
      await start(everywhere('0'), machine(1)),
      await start(everywhere('0'), machine(2)),
      await start(everywhere('0'), machine(3)),
    ];
    await second.add(onLoopback(first));
    await third.add(onLoopback(second));
    const known = new Map(third.peers().map(({ id, address }) => [id, address]));
    expect(known).toEqual(
      new Map([
        [first.id, onLoopback(first)],
        [second.id, onLoopback(second)],
      ]),
    );
  });

  test('listen on their last port again where none is asked for, also at another host', async () => {
    const place = machine(1);
    const first = await start(everywhere('0'), place);
    const port = portOf(first);
    await first.close();
    expect(portOf(await start(everywhere('0'), place))).toBe(port);
    await nodes.at(-1)?.close();
    const again = await start(everywhere('0').replace('0.0.0.0', '127.0.0.1'), place);
    expect(again.address).toBe(everywhere(String(port)).replace('0.0.0.0', '127.0.0.1'));
  });

  test.each([everywhere('4711'), everywhere('0').replace('0.0.0.0', '192.0.2.7')])(
    'do not advertise %s, which nobody can dial',
    async (advertise) => {
      await expect(start(everywhere('0'), machine(1), advertise)).rejects.toMatchObject({ code: 'ERR_ADDRESS' });
    },
  );
});
