import { RawPeer } from '../support/raw-peer.ts';
import { readFile, SimulatedNetwork, writeFile, type SimulatedNode } from '../support/simulated-network.ts';

let network: SimulatedNetwork;

beforeEach(() => {
  network = new SimulatedNetwork();
});
afterEach(async () => {
  await network.close();
  expect(network.clock.pendingTimers).toBe(0);
});

const names = ({ node }: SimulatedNode) => node.list().map(({ name }) => name);
const peers = ({ node }: SimulatedNode) =>
  node
    .peers()
    .map(({ id }) => id)
    .sort();
const direct = ({ node }: SimulatedNode) =>
  node
    .peers()
    .filter((peer) => peer.direct)
    .map(({ id }) => id)
    .sort();
const ids = (nodes: readonly SimulatedNode[]) => nodes.map(({ node }) => node.id).sort();
const files = (hostNumber: number) => ({ files: { [`file-${hostNumber}.txt`]: `content ${hostNumber}` } });

/** Messages of a type that the nodes sent, by the network-layer log. */
const sent = (nodes: readonly SimulatedNode[], type: string) =>
  nodes.reduce(
    (sum, { log }) => sum + log.named('frame.out').filter(({ fields }) => fields['type'] === type).length,
    0,
  );

describe('nodes that are added to each other', () => {
  test('have their lists in step', async () => {
    const nodes = await network.line(2, files);
    for (const each of nodes) expect(names(each)).toEqual(['file-1.txt', 'file-2.txt']);
  });

  test('know each other in a line of ten, with two direct connections each at most', async () => {
    const nodes = await network.line(10, files);
    for (const each of nodes) {
      expect(names(each)).toHaveLength(10);
      expect([...peers(each), each.node.id].sort()).toEqual(ids(nodes));
      expect(direct(each).length).toBeLessThanOrEqual(2);
    }
  });

  test('end with one connection when they dial each other at the same instant', async () => {
    const [a, b] = [await network.start(1, files(1)), await network.start(2, files(2))];
    await network.while(() => Promise.all([a.node.add(b.address), b.node.add(a.address)]));
    await network.clock.advance(30_000);
    for (const each of [a, b]) {
      expect(names(each)).toEqual(['file-1.txt', 'file-2.txt']);
      expect(each.node.status().direct).toBe(1);
      expect(each.events.filter(({ type }) => type === 'peer-left')).toEqual([]);
    }
  });

  test.each(Array.from({ length: 12 }, (_, index) => 3 * index))(
    'both have what they asked for where one begins its dial %i turns after the other',
    async (turns) => {
      const [a, b] = [await network.start(1), await network.start(2)];
      const added = await network.while(async () => {
        const adding = a.node.add(b.address);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        return Promise.all([adding, b.node.add(a.address)]);
      });
      expect(added.map(({ id }) => id)).toEqual([b.node.id, a.node.id]);
    },
  );

  test('stay connected while nothing happens, for a day', async () => {
    const nodes = await network.line(2, () => ({
      settings: { scanMs: 86_400_000, heartbeatMs: 600_000, deadMs: 3_000_000 },
    }));
    await network.clock.advance(24 * 60 * 60 * 1000);
    for (const each of nodes) expect(each.node.status().direct).toBe(1);
  });

  test('list a thousand files', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`dir-${index % 7}/file ${index}.txt`, `${index}`]),
    );
    const [, b] = await network.line(2, (hostNumber) => (hostNumber === 1 ? { files: many } : {}));
    expect(b?.node.list()).toHaveLength(1_000);
  });

  test('say what is wrong with an address where nobody is', async () => {
    const a = await network.start(1);
    await expect(network.while(() => a.node.add('10.0.0.99:1'))).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' });
    await expect(network.while(() => a.node.add(a.address))).rejects.toMatchObject({ code: 'ERR_SELF' });
    await expect(network.while(() => a.node.add('nonsense'))).rejects.toMatchObject({ code: 'ERR_ADDRESS' });
    expect(a.node.peers()).toEqual([]);
  });

  test('are refused beyond the limit, with addresses to try', async () => {
    const hub = await network.start(1, { settings: { directConnections: 1 } });
    const [b, c] = [await network.start(2), await network.start(3)];
    await network.while(() => b.node.add(hub.address));
    const refused = network.while(() => c.node.add(hub.address));
    await expect(refused).rejects.toMatchObject({
      code: 'ERR_FULL',
      message: expect.stringContaining(b.address) as string,
    });
  });
});

describe('a change of files', () => {
  test('is known everywhere, in a ring of five, after a bounded number of messages', async () => {
    const nodes = await network.line(5);
    const [first, last] = [nodes[0], nodes[4]] as [SimulatedNode, SimulatedNode];
    await network.while(() => last.node.add(first.address));
    await network.clock.advance(5_000);
    const before = sent(nodes, 'FILE');
    await writeFile(first.disk, 'news.txt', 'one');
    await network.clock.advance(3_000);
    for (const each of nodes) expect(names(each)).toEqual(['news.txt']);
    // Five links: each carries the news once, or, where it meets itself, once in each direction.
    expect(sent(nodes, 'FILE') - before).toBeGreaterThanOrEqual(5);
    expect(sent(nodes, 'FILE') - before).toBeLessThanOrEqual(6);
    await first.disk.remove('news.txt');
    await network.clock.advance(3_000);
    for (const each of nodes) expect(names(each)).toEqual([]);
    await writeFile(first.disk, 'news.txt', 'two');
    await network.clock.advance(3_000);
    for (const each of nodes) expect(names(each)).toEqual(['news.txt']);
    expect(sent(nodes, 'FILE') - before).toBeLessThanOrEqual(18);
    await network.clock.advance(60_000);
    expect(sent(nodes, 'FILE') - before).toBeLessThanOrEqual(18);
  });

  test('keeps its owner when it is fetched: the fetcher is a holder, never the writer', async () => {
    const [a, b, c] = (await network.line(3, (hostNumber) => (hostNumber === 1 ? files(1) : {}))) as [
      SimulatedNode,
      SimulatedNode,
      SimulatedNode,
    ];
    await network.while(() => c.node.get('file-1.txt'));
    await network.clock.advance(20_000);
    for (const each of [a, b, c]) {
      expect(each.node.list()).toMatchObject([{ name: 'file-1.txt', user: 'user1' }]);
      expect([...(each.node.list()[0]?.holders ?? [])].sort()).toEqual([a.node.id, c.node.id].sort());
    }
    expect(await readFile(c.disk, 'file-1.txt')).toBe('content 1');
  });

  test('of two users under one name shows both; GET takes the most recent, name@user that one', async () => {
    const [a, b] = await network.line(2, (hostNumber) => ({ files: { 'plan.txt': `by ${hostNumber}` } }));
    const c = await network.start(3);
    await network.while(() => c.node.add(a?.address ?? ''));
    expect(
      c.node
        .list()
        .map(({ name, user }) => `${name} ${user}`)
        .sort(),
    ).toEqual(['plan.txt user1', 'plan.txt user2']);
    const current = c.node.list().find((file) => file.current);
    await network.while(() => c.node.get('plan.txt'));
    expect(await readFile(c.disk, 'plan.txt')).toBe(current?.user === 'user1' ? 'by 1' : 'by 2');
    await network.while(() => c.node.get('plan.txt@user1'));
    expect(await readFile(c.disk, 'plan.txt')).toBe('by 1');
    await network.while(() => c.node.get('plan.txt@user2'));
    expect(await readFile(c.disk, 'plan.txt')).toBe('by 2');
    expect(b?.node.list()).toHaveLength(2);
  });
});

describe('SEND', () => {
  test('brings the file to every other node, and says how each answered', async () => {
    const nodes = await network.line(4, (hostNumber) => (hostNumber === 2 ? files(2) : {}));
    const [a, b] = nodes as [SimulatedNode, SimulatedNode];
    await network.while(() => a.node.get('file-2.txt'));
    const { to } = await network.while(() => b.node.send('file-2.txt'));
    expect(to.map(({ result }) => result).sort()).toEqual(['present', 'received', 'received']);
    for (const each of nodes) expect(await readFile(each.disk, 'file-2.txt')).toBe('content 2');
  });

  test('of a file this folder does not hold is refused', async () => {
    const [, b] = (await network.line(2, (hostNumber) => (hostNumber === 1 ? files(1) : {}))) as [
      SimulatedNode,
      SimulatedNode,
    ];
    await expect(network.while(() => b.node.send('file-1.txt'))).rejects.toMatchObject({ code: 'ERR_NO_SUCH_FILE' });
  });
});

describe('the loss of a node', () => {
  test('is noticed after exactly the documented silence', async () => {
    const [a, b] = (await network.line(2)) as [SimulatedNode, SimulatedNode];
    await network.clock.advance(2_000);
    network.kill(b);
    await network.clock.advance(9_000);
    expect(a.events.filter(({ type }) => type === 'peer-left')).toEqual([]);
    await network.clock.advance(1_000);
    expect(a.events.filter(({ type }) => type === 'peer-left')).toHaveLength(1);
    expect(a.node.peers()).toEqual([]);
  });

  test('in the middle of a line heals it: the lists agree again and files travel', async () => {
    const [a, b, c] = (await network.line(3, files)) as [SimulatedNode, SimulatedNode, SimulatedNode];
    network.kill(b);
    await network.clock.advance(12_000);
    for (const each of [a, c]) {
      expect(names(each)).toEqual(['file-1.txt', 'file-3.txt']);
      expect(each.node.status().direct).toBe(1);
    }
    await network.while(() => a.node.get('file-3.txt'));
    expect(await readFile(a.disk, 'file-3.txt')).toBe('content 3');
  });

  test.each([1, 2, 3, 4, 5])('of node %i of five leaves the others connected and their lists equal', async (victim) => {
    const nodes = await network.line(5, files);
    network.kill(nodes[victim - 1] as SimulatedNode);
    await network.clock.advance(12_000);
    const survivors = nodes.filter((_, index) => index !== victim - 1);
    for (const each of survivors) {
      expect(names(each)).toHaveLength(4);
      expect([...peers(each), each.node.id].sort()).toEqual(ids(survivors));
    }
  });

  test('heals at once where others know of it while we still miss it', async () => {
    const a = await network.start(1);
    const [broken, witness] = [await RawPeer.dial(network, a.address, 1), await RawPeer.dial(network, a.address, 2)];
    for (const peer of [broken, witness]) await peer.join(network);
    broken.abort();
    await network.clock.advance(100);
    expect(a.events.filter(({ type }) => type === 'peer-left')).toEqual([]);
    await witness.send({ type: 'LEFT', node: broken.record });
    await network.clock.advance(100);
    expect(a.events).toContainEqual(expect.objectContaining({ type: 'peer-left', id: broken.id }));
    expect(a.log.named('heal.planned')).toMatchObject([{ fields: { gone: broken.id } }]);
    witness.abort();
  });

  test('by BYE is known at once, and heals at once', async () => {
    const [a, b, c] = (await network.line(3, files)) as [SimulatedNode, SimulatedNode, SimulatedNode];
    await network.while(() => b.node.close());
    await network.clock.advance(2_000);
    for (const each of [a, c]) {
      expect(names(each)).toEqual(['file-1.txt', 'file-3.txt']);
      expect(each.node.status().direct).toBe(1);
    }
  });

  test('of a hub leaves all pairs of its neighbours connected', async () => {
    const hub = await network.start(1);
    const spokes = [await network.start(2), await network.start(3), await network.start(4), await network.start(5)];
    for (const spoke of spokes) await network.while(() => spoke.node.add(hub.address));
    network.kill(hub);
    await network.clock.advance(13_000);
    for (const spoke of spokes) expect(direct(spoke)).toEqual(ids(spokes.filter((other) => other !== spoke)));
  });

  test('of two neighbours at once still ends in one network', async () => {
    const nodes = await network.line(5, files);
    network.kill(nodes[1] as SimulatedNode);
    network.kill(nodes[2] as SimulatedNode);
    await network.clock.advance(60_000);
    const survivors = [nodes[0], nodes[3], nodes[4]] as SimulatedNode[];
    for (const each of survivors) {
      expect([...peers(each), each.node.id].sort()).toEqual(ids(survivors));
      expect(names(each)).toHaveLength(3);
    }
  });
});

describe('a second loss', () => {
  test('beside the first is bridged where both ends have neighbours left', async () => {
    const nodes = await network.line(6, files);
    for (const victim of [2, 3]) network.kill(nodes[victim] as SimulatedNode);
    await network.clock.advance(60_000);
    const survivors = [0, 1, 4, 5].map((index) => nodes[index]) as SimulatedNode[];
    for (const each of survivors) {
      expect([...peers(each), each.node.id].sort()).toEqual(ids(survivors));
      expect(names(each)).toHaveLength(4);
    }
  });

  test('of a whole half of the network leaves no ghosts in the other', async () => {
    const nodes = await network.line(6, files);
    const lost = nodes.slice(2);
    for (const each of lost) network.kill(each);
    await network.clock.advance(90_000);
    for (const each of nodes.slice(0, 2)) expect(names(each)).toEqual(['file-1.txt', 'file-2.txt']);
  });
});

describe('a node whose own network fails', () => {
  test('finds the others again by itself when it works again', async () => {
    const [a, b] = (await network.line(2, files)) as [SimulatedNode, SimulatedNode];
    network.kill(b);
    await network.clock.advance(60_000);
    expect(peers(a)).toEqual([]);
    network.network.rejoin(b.host);
    await network.clock.advance(40_000);
    for (const each of [a, b]) expect(names(each)).toEqual(['file-1.txt', 'file-2.txt']);
  });
});

describe('a node that comes back', () => {
  test('is told with all its files to those who came meanwhile', async () => {
    const [a, b] = (await network.line(2, files)) as [SimulatedNode, SimulatedNode];
    await network.while(() => b.node.close());
    const c = await network.start(3);
    await network.while(() => c.node.add(a.address));
    expect(names(c)).toEqual(['file-1.txt']);
    await network.start(2);
    await network.clock.advance(1_000);
    expect(names(c)).toEqual(['file-1.txt', 'file-2.txt']);
  });

  test('on another port is the same node, with a higher incarnation', async () => {
    const [a, b] = (await network.line(2, files)) as [SimulatedNode, SimulatedNode];
    await network.while(() => b.node.close());
    const again = await network.start(2, { port: 9_999 });
    await network.while(() => again.node.add(a.address));
    await network.clock.advance(1_000);
    expect(again.node.id).toBe(b.node.id);
    expect(a.node.peers()).toMatchObject([{ id: b.node.id, address: '10.0.0.2:9999', direct: true }]);
    expect(names(a)).toEqual(['file-1.txt', 'file-2.txt']);
  });

  test('finds its network again by itself', async () => {
    const [a, b] = (await network.line(2, files)) as [SimulatedNode, SimulatedNode];
    await network.while(() => b.node.close());
    const again = await network.start(2);
    await network.clock.advance(1_000);
    expect(direct(a)).toEqual([again.node.id]);
  });

  test('before its death was noticed takes the place of its old connection', async () => {
    const [a, b] = (await network.line(2, files)) as [SimulatedNode, SimulatedNode];
    network.kill(b);
    await network.clock.advance(1_000);
    const again = await network.start(12, { worldOf: b });
    await network.while(() => again.node.add(a.address));
    await network.clock.advance(15_000);
    expect(a.node.peers()).toMatchObject([{ id: b.node.id, address: again.address, direct: true }]);
    expect(names(a)).toEqual(['file-1.txt', 'file-2.txt']);
  });
});

describe('a network that was cut in two', () => {
  test('has one view again when a node of each side is added to the other', async () => {
    const [a, b] = (await network.line(2, files)) as [SimulatedNode, SimulatedNode];
    network.network.cut(a.host, b.host);
    await network.clock.advance(11_000);
    expect(a.node.peers()).toEqual([]);
    await writeFile(a.disk, 'meanwhile.txt', 'a');
    await b.disk.remove('file-2.txt');
    await network.clock.advance(7_000);
    network.network.mend(a.host, b.host);
    await network.while(() => a.node.add(b.address));
    await network.clock.advance(2_000);
    for (const each of [a, b]) expect(names(each)).toEqual(['file-1.txt', 'meanwhile.txt']);
  });
});
