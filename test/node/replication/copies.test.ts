import { replicas } from './replicas.ts';
import { ZONES, expectCopiesAgainAfter, holders, startSix, zoneOf, type Files } from './six-nodes.ts';
import { readFile, SimulatedNetwork, writeFile, type SimulatedNode } from '../../support/simulated-network.ts';

let network: SimulatedNetwork;

beforeEach(() => {
  network = new SimulatedNetwork();
});
afterEach(async () => {
  await network.end();
  expect(network.clock.pendingTimers).toBe(0);
});

const sixNodes = (files?: Files | readonly Files[], replicas?: number) => startSix(network, files, replicas);
const zones = (nodes: readonly SimulatedNode[], by: SimulatedNode, name?: string) =>
  holders(by, name).map((id) => zoneOf(nodes, id));
const byId = (nodes: readonly SimulatedNode[], id: string | undefined) => nodes.find(({ node }) => node.id === id)!;

describe('a file of one node', () => {
  test('is held by two within five seconds, in two zones, and the second has it outside its folder', async () => {
    const nodes = await sixNodes();
    await network.clock.advance(5_000);
    for (const each of nodes) {
      expect(holders(each)).toHaveLength(2);
      expect(new Set(zones(nodes, each)).size).toBe(2);
    }
    const [writer] = nodes;
    const keeper = byId(
      nodes,
      holders(writer!).find((id) => id !== writer!.node.id),
    );
    expect(await readFile(keeper.disk, 'file.txt')).toBeUndefined();
    expect(await replicas(keeper)).toHaveLength(1);
    expect(keeper.node.status().files).toBe(0);
  });

  test('is asked of nobody where replicas is 0', async () => {
    const nodes = await sixNodes({ 'file.txt': 'kept once' }, 0);
    await network.clock.advance(60_000);
    expect(holders(nodes[5]!)).toEqual([nodes[0]!.node.id]);
  });

  test('can be had when its writer is gone', async () => {
    const nodes = await sixNodes();
    await network.clock.advance(5_000);
    network.kill(nodes[0]!);
    await network.clock.advance(15_000);
    const without = nodes.slice(1).find(({ node }) => !holders(nodes[1]!).includes(node.id))!;
    await network.while(() => without.node.get('file.txt'));
    expect(await readFile(without.disk, 'file.txt')).toBe('kept twice');
  });

  test('is taken from the replica of this node by GET, which gives the replica up', async () => {
    const nodes = await sixNodes();
    await network.clock.advance(5_000);
    const keeper = nodes.slice(1).find(({ node }) => holders(nodes[0]!).includes(node.id))!;
    const got = await network.while(() => keeper.node.get('file.txt'));
    expect(got.sources).toEqual({});
    await network.clock.advance(5_000);
    expect(await readFile(keeper.disk, 'file.txt')).toBe('kept twice');
    expect(await replicas(keeper)).toEqual([]);
    expect(holders(nodes[5]!)).toHaveLength(2);
  });

  test('is kept in its new version once it changed, and no more once it is deleted', async () => {
    const nodes = await sixNodes();
    await network.clock.advance(5_000);
    await writeFile(nodes[0]!.disk, 'file.txt', 'another content');
    await network.clock.advance(10_000);
    expect(holders(nodes[5]!)).toHaveLength(2);
    const kept = (await Promise.all(nodes.map(replicas))).flat();
    expect(kept).toHaveLength(1);
    await nodes[0]!.disk.remove('file.txt');
    await network.clock.advance(10_000);
    expect((await Promise.all(nodes.map(replicas))).flat()).toEqual([]);
  });
});

describe('of six nodes with a file each', () => {
  // Each is the first once; every-pair.full.test.ts has them all.
  test.each(ZONES.map((_, index) => [index, (index + 1) % ZONES.length] as const))(
    'number %i dies, and then number %i: two hold each file again within 15 s, and at no time two in one zone',
    (...victims) => expectCopiesAgainAfter(network, victims),
  );
});

test('a copy is made again in time though something else is due much later', async () => {
  const nodes = await sixNodes({ 'file.txt': 'kept twice', 'other.txt': 'this too' });
  await network.clock.advance(5_000);
  const taken = new Set([...holders(nodes[0]!), ...holders(nodes[0]!, 'other.txt')]);
  const getter = nodes.find(({ node }) => !taken.has(node.id))!;
  // From now on there is a copy too many, which goes half a minute later.
  await network.while(() => getter.node.get('file.txt'));
  await network.clock.advance(8_000);
  const keeper = byId(
    nodes,
    holders(nodes[0]!, 'other.txt').find((id) => id !== nodes[0]!.node.id),
  );
  network.kill(keeper);
  await network.clock.advance(15_000);
  expect(holders(nodes[0]!, 'other.txt')).toHaveLength(2);
  expect(holders(nodes[0]!, 'other.txt')).not.toContain(keeper.node.id);
});

describe('a keeper', () => {
  test('that was started again has its replica without reading it, and says so', async () => {
    const nodes = await sixNodes();
    await network.clock.advance(5_000);
    const at = nodes.findIndex(({ node }, index) => index > 0 && holders(nodes[0]!).includes(node.id));
    const keeper = nodes[at]!;
    await network.while(() => keeper.node.close());
    const again = await network.start(at + 1, { settings: { zone: ZONES[at]!, replicas: 2 } });
    await network.while(() => again.node.add(nodes[0]!.address));
    await network.clock.advance(100);
    expect(holders(nodes[0]!)).toContain(again.node.id);
  });

  test('whose replica was damaged notices it when it is asked for it, and says that it has none', async () => {
    const nodes = await sixNodes();
    await network.clock.advance(5_000);
    const keeper = nodes.slice(1).find(({ node }) => holders(nodes[0]!).includes(node.id))!;
    const [name] = await replicas(keeper);
    await writeFile(keeper.disk, `.peerhold/replicas/${name}`, 'damaged');
    const reader = nodes.slice(1).find((node) => node !== keeper)!;
    await network.while(() => nodes[0]!.node.close());
    await expect(network.while(() => reader.node.get('file.txt'))).rejects.toMatchObject({ code: 'ERR_NO_SOURCE' });
    await network.clock.advance(1_000);
    expect(reader.node.list()).toEqual([]);
    expect(await replicas(keeper)).toEqual([]);
  });

  test('gives up at its start what was damaged meanwhile', async () => {
    const nodes = await sixNodes();
    await network.clock.advance(5_000);
    const at = nodes.findIndex(({ node }, index) => index > 0 && holders(nodes[0]!).includes(node.id));
    const keeper = nodes[at]!;
    const [name] = await replicas(keeper);
    await network.while(() => keeper.node.close());
    await writeFile(keeper.disk, `.peerhold/replicas/${name}`, 'damaged');
    await writeFile(keeper.disk, '.peerhold/replicas/stray', 'of nobody');
    const again = await network.start(at + 1, { settings: { zone: ZONES[at]!, replicas: 2 } });
    expect(await replicas(again)).toEqual([]);
    expect(again.node.list().flatMap((file) => file.holders)).not.toContain(again.node.id);
  });

  test.each([
    ['quota', { quota: 0 }],
    ['minFree', { minFree: 2 ** 50 }],
  ])('keeps nothing for which its %s leaves no room: another node is asked', async (_what, limits) => {
    const nodes: SimulatedNode[] = [];
    for (const host of [1, 2, 3]) {
      const settings = { replicas: 2, ...(host === 2 ? limits : {}) };
      nodes.push(await network.start(host, { settings, ...(host === 1 ? { files: { 'file.txt': 'hello' } } : {}) }));
      if (host > 1) await network.while(() => nodes.at(-1)!.node.add(nodes[0]!.address));
    }
    await network.clock.advance(10_000);
    expect(holders(nodes[0]!)).toEqual([nodes[0]!.node.id, nodes[2]!.node.id].sort());
    expect(await replicas(nodes[1]!)).toEqual([]);
  });

  test('gives its replica up when a holder came back and there are enough without it, but not at once', async () => {
    const nodes = await sixNodes();
    await network.clock.advance(5_000);
    const first = holders(nodes[0]!).find((id) => id !== nodes[0]!.node.id);
    const at = nodes.findIndex(({ node }) => node.id === first);
    await network.while(() => nodes[at]!.node.close());
    await network.clock.advance(15_000);
    expect(holders(nodes[0]!)).toHaveLength(2);
    const again = await network.start(at + 1, { settings: { zone: ZONES[at]!, replicas: 2 } });
    await network.while(() => again.node.add(nodes[0]!.address));
    await network.clock.advance(5_000);
    expect(holders(nodes[0]!)).toHaveLength(3);
    await network.clock.advance(60_000);
    expect(holders(nodes[0]!)).toHaveLength(2);
    expect(new Set(zones(nodes, nodes[0]!).filter((zone) => zone !== undefined)).size).toBe(2);
  });
});
