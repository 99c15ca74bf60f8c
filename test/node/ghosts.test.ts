import { RawPeer } from '../support/raw-peer.ts';
import { SimulatedNetwork } from '../support/simulated-network.ts';

const GHOST = { id: 'ee'.repeat(16), address: '10.0.0.77:77', incarnation: 1 };

test('a node that is told in the first message of a session that it is doubted says that it lives', async () => {
  const network = new SimulatedNetwork();
  const nodes = await network.line(2);
  const [{ node, address }] = nodes as [(typeof nodes)[number]];
  const asker = await RawPeer.dial(network, address);
  await asker.send({ type: 'SUSP', nodes: [{ id: node.id, address, incarnation: 1 }] });
  await network.clock.advance(100);
  await asker.ended;
  expect(node.status().incarnation).toBe(2);
  await network.close();
});

test('a node that a member invented is gone from every list in less than a minute', async () => {
  const network = new SimulatedNetwork();
  const nodes = await network.line(3);
  const liar = await RawPeer.dial(network, nodes[0]?.address ?? '');
  await liar.join(network);
  const own = { node: liar.record, files: [] };
  await liar.send({ type: 'JOIN', own, others: [{ node: GHOST, files: [] }] });
  await network.clock.advance(100);
  const listed = () => nodes.map(({ node }) => node.peers().some(({ id }) => id === GHOST.id));
  expect(listed()).toEqual([true, true, true]);
  await network.clock.advance(55_000);
  expect(listed()).toEqual([false, false, false]);
  for (const { node } of nodes) expect(node.peers()).toHaveLength(2);
  liar.abort();
  await network.close();
});
