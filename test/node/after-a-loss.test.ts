import { RawPeer } from '../support/raw-peer.ts';
import { SimulatedNetwork, writeFile, type SimulatedNode } from '../support/simulated-network.ts';

let network: SimulatedNetwork;

beforeEach(() => {
  network = new SimulatedNetwork();
});
afterEach(() => network.close());

const lost = ({ events }: SimulatedNode) => events.filter(({ type }) => type === 'peer-left').length;
const names = ({ node }: SimulatedNode) => node.list().map(({ name }) => name);

describe('a connection made after a loss', () => {
  test('counts the silence of its peer from its own beginning', async () => {
    const a = await network.start(1);
    await network.clock.advance(60_000);
    const peer = await RawPeer.dial(network, a.address);
    await peer.send({ type: 'CONN', node: peer.record, recovery: false, user: 'mute', minorVersion: 0, features: [] });
    await network.clock.advance(9_900);
    expect(a.node.status().direct).toBe(1);
    await network.clock.advance(200);
    expect(a.node.status().direct).toBe(0);
  });

  test('lives on, however long its peer was away before', async () => {
    const [a, b] = (await network.line(2)) as [SimulatedNode, SimulatedNode];
    network.network.cut(a.host, b.host);
    await network.clock.advance(60_000);
    expect([lost(a), lost(b)]).toEqual([1, 1]);
    network.network.mend(a.host, b.host);
    await network.while(() => a.node.add(b.address));
    await network.clock.advance(30_000);
    expect([lost(a), lost(b)]).toEqual([1, 1]);
    expect([a.node.status().direct, b.node.status().direct]).toEqual([1, 1]);
  });

  test('tells what changed on the other side while there was none', async () => {
    const [a, b, c] = (await network.line(3)) as [SimulatedNode, SimulatedNode, SimulatedNode];
    network.kill(b);
    await writeFile(c.disk, 'meanwhile.txt', 'c');
    await network.clock.advance(5_000);
    expect(names(a)).toEqual([]);
    await network.clock.advance(7_000);
    expect(names(a)).toEqual(['meanwhile.txt']);
  });
});

describe('a node that is lost within a second of being added', () => {
  test('is forgotten like any other, and those it joined find each other', async () => {
    const [a, c] = [await network.start(1), await network.start(3)];
    const b = await network.start(2);
    await network.while(() => b.node.add(a.address));
    await network.while(() => b.node.add(c.address));
    network.kill(b);
    await network.clock.advance(15_000);
    for (const each of [a, c]) {
      expect(each.node.peers().map(({ id }) => id)).toEqual([each === a ? c.node.id : a.node.id]);
      expect(each.node.status().direct).toBe(1);
    }
  });
});

describe('a neighbour that never sent a heartbeat', () => {
  test('is forgotten like any other', async () => {
    const a = await network.start(1);
    const peer = await RawPeer.dial(network, a.address);
    await peer.join(network);
    expect(a.node.peers()).toMatchObject([{ id: peer.id, direct: true }]);
    await network.clock.advance(10_000);
    expect(a.node.peers()).toEqual([]);
    expect(a.log.named('heal.planned').map(({ fields }) => fields['gone'])).toEqual([peer.id]);
  });
});

describe('a node that leaves', () => {
  test('has not left before its neighbours have its farewell, also where the way to one is slow', async () => {
    const [, b, c] = (await network.line(3)) as [SimulatedNode, SimulatedNode, SimulatedNode];
    network.network.cut(b.host, c.host);
    let hasLeft = false;
    const leaving = b.node.close().then(() => (hasLeft = true));
    await network.clock.advance(1_000);
    expect([hasLeft, lost(c)]).toEqual([false, 0]);
    network.network.mend(b.host, c.host);
    await network.clock.advance(10);
    expect([hasLeft, lost(c)]).toEqual([true, 1]);
    await leaving;
  });
});
