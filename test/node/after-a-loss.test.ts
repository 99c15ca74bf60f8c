import { SimulatedNetwork, writeFile, type SimulatedNode } from '../support/simulated-network.ts';

let network: SimulatedNetwork;

beforeEach(() => {
  network = new SimulatedNetwork();
});
afterEach(() => network.close());

const lost = ({ events }: SimulatedNode) => events.filter(({ type }) => type === 'peer-left').length;
const names = ({ node }: SimulatedNode) => node.list().map(({ name }) => name);

describe('a connection made after a loss', () => {
  test('counts the silence of its peer from its own beginning, however long the peer was away', async () => {
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
