import { RawPeer } from '../support/raw-peer.ts';
import { SimulatedNetwork, type SimulatedNode } from '../support/simulated-network.ts';

const TRANSFER = 'ab'.repeat(16);
const CONTENT = 'c'.repeat(64);

let network: SimulatedNetwork;
let nodes: [SimulatedNode, SimulatedNode];

beforeEach(async () => {
  network = new SimulatedNetwork();
  nodes = (await network.line(2, (host) => ({ files: { [`file-${host}.txt`]: `content ${host}` } }))) as typeof nodes;
});
afterEach(async () => {
  await network.close();
  expect(network.clock.pendingTimers).toBe(0);
});

/** The codes with which the node ended or refused sessions. */
const codes = ({ log }: SimulatedNode) =>
  log.events
    .filter(({ event }) => event === 'session.refused' || event === 'direct.ended')
    .map(({ fields }) => fields['code']);

/** The two honest nodes see each other and each other's files, and can still fetch. */
async function expectUnharmed(): Promise<void> {
  for (const each of nodes) expect(each.node.list().map(({ name }) => name)).toEqual(['file-1.txt', 'file-2.txt']);
  const fetched = await network.while(() => nodes[1].node.get('file-1.txt'));
  expect(fetched.size).toBe('content 1'.length);
}

describe('a member of bad will', () => {
  test('that sends a malformed message loses its own connection and nothing else', async () => {
    const peer = await RawPeer.dial(network, nodes[0].address);
    await peer.join(network);
    await peer.sendBytes(new TextEncoder().encode('LEFT^1.2.3.4'));
    await network.clock.advance(10);
    await peer.ended;
    expect(codes(nodes[0])).toContain('ERR_MESSAGE');
    await expectUnharmed();
  });

  test('that begins with something else than CONN, SMFX, SDFX or SUSP is turned away', async () => {
    const peer = await RawPeer.dial(network, nodes[0].address);
    await peer.send({ type: 'REQUEST', transfer: TRANSFER, position: 0, length: 1 });
    await network.clock.advance(10);
    await peer.ended;
    expect(codes(nodes[0])).toEqual(['ERR_MESSAGE']);
    await expectUnharmed();
  });

  test('that connects and says nothing is turned away in time', async () => {
    const peer = await RawPeer.dial(network, nodes[0].address);
    await network.clock.advance(5_001);
    await peer.ended;
    expect(codes(nodes[0])).toEqual(['ERR_HANDSHAKE_TIMEOUT']);
    await expectUnharmed();
  });

  test('cannot say CONN for somebody else', async () => {
    const peer = await RawPeer.dial(network, nodes[0].address);
    const node = { ...peer.record, id: nodes[1].node.id };
    await peer.send({ type: 'CONN', node, recovery: false, user: 'mallory', minorVersion: 0, features: [] });
    await network.clock.advance(10);
    await peer.ended;
    expect(codes(nodes[0])).toEqual(['ERR_PEER_MISMATCH']);
    await expectUnharmed();
  });

  test('cannot say goodbye for somebody else', async () => {
    const peer = await RawPeer.dial(network, nodes[0].address);
    await peer.join(network);
    await peer.send({ type: 'BYEF', node: { id: nodes[1].node.id, address: nodes[1].address, incarnation: 9 } });
    await network.clock.advance(10);
    await peer.ended;
    expect(codes(nodes[0])).toContain('ERR_PEER_MISMATCH');
    await expectUnharmed();
  });

  test('cannot talk a living node out of the network: it says with a higher incarnation that it lives', async () => {
    const before = nodes[1].node.status().incarnation;
    const peer = await RawPeer.dial(network, nodes[0].address);
    await peer.join(network);
    await peer.send({ type: 'LEFT', node: { id: nodes[1].node.id, address: nodes[1].address, incarnation: before } });
    await network.clock.advance(1_000);
    expect(nodes[1].node.status().incarnation).toBe(before + 1);
    expect(nodes[0].events.filter(({ type }) => type === 'peer-left')).toEqual([]);
    await expectUnharmed();
  });

  test('cannot take a file of another node out of the list', async () => {
    const peer = await RawPeer.dial(network, nodes[0].address);
    await peer.join(network);
    const version = new Map([[nodes[1].node.id, 99]]);
    const record = {
      name: 'file-2.txt',
      checksum: '',
      size: 0,
      modifiedMs: 0,
      user: 'user2',
      writer: nodes[1].node.id,
      version,
      manifest: '',
    };
    await peer.send({
      type: 'FILE',
      statement: { origin: nodes[1].node.id, incarnation: 50, sequence: 1, held: false, record },
    });
    await network.clock.advance(2_000);
    await expectUnharmed();
  });

  test.each(['../secret.txt', '/etc/passwd', '.peerhold/identity.pem', '.PeerHold/identity.pem', 'a/../../b'])(
    'that asks for %s is refused',
    async (name) => {
      const peer = await RawPeer.dial(network, nodes[0].address);
      const ask = `SMFX^10.0.0.66^66^${encodeURI(name)}^${TRANSFER}^`;
      await peer.sendBytes(new TextEncoder().encode(ask));
      await network.clock.advance(100);
      const answers = peer.received.map((message) => (message.type === 'REFUSE' ? message.code : message.type));
      expect(answers).not.toContain('DATA');
      expect([...answers, ...codes(nodes[0])].some((answer) => answer === 'ERR_NAME' || answer === 'ERR_MESSAGE')).toBe(
        true,
      );
      peer.abort();
      await expectUnharmed();
    },
  );

  test.each(['../evil.txt', '/tmp/evil.txt', '.peerhold/partial/evil', 'x/./y'])(
    'that offers %s is refused',
    async (name) => {
      const peer = await RawPeer.dial(network, nodes[0].address);
      const offer = `SDFX^10.0.0.66^66^${encodeURI(name)}^${CONTENT}^${TRANSFER}^1^0^mallory^${peer.id}^${peer.id}:1`;
      await peer.sendBytes(new TextEncoder().encode(offer));
      await network.clock.advance(100);
      expect(peer.received.map(({ type }) => type)).not.toContain('SMFX');
      expect((await nodes[0].disk.list('')).map((entry) => entry.name).sort()).toEqual(['.peerhold', 'file-1.txt']);
      peer.abort();
      await expectUnharmed();
    },
  );

  test('cannot make a node dial more than its budget, whatever nodes it invents', async () => {
    const peer = await RawPeer.dial(network, nodes[0].address);
    await peer.join(network);
    const invented = Array.from({ length: 200 }, (_, index) => ({
      id: index.toString(16).padStart(32, 'f'),
      address: `10.9.${index}.1:1`,
      incarnation: 1,
    }));
    await peer.send({ type: 'HB', stamp: 1, echo: -1, heldMs: 0, connections: invented });
    await network.clock.advance(10);
    peer.abort();
    await network.clock.advance(20_000);
    const dials = nodes[0].log.events.filter(({ event }) => event === 'heal.dial_failed' || event === 'heal.connected');
    expect(dials.length).toBeGreaterThan(0);
    expect(dials.length).toBeLessThanOrEqual(30 + 10);
    await expectUnharmed();
  });
});
