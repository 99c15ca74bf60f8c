import { RawPeer } from '../support/raw-peer.ts';
import { SimulatedNetwork, type SimulatedNode } from '../support/simulated-network.ts';

const TRANSFER = 'ab'.repeat(16);

let network: SimulatedNetwork;
let victim: SimulatedNode;
let peer: RawPeer;

beforeEach(async () => {
  network = new SimulatedNetwork();
  victim = await network.start(1, { files: { 'a.txt': 'content' } });
  peer = await RawPeer.dial(network, victim.address);
});
afterEach(() => network.close());

const send = async (text: string) => {
  await peer.sendBytes(new TextEncoder().encode(text));
  await network.clock.advance(5_000);
};
const dials = () =>
  victim.log.events.filter(
    ({ event, fields }) => event === 'dial.failed' || (event === 'connection.opened' && fields['direction'] === 'out'),
  );

describe('an address or a port in a message', () => {
  test('of SMFX is not dialled: the file goes to whoever asked for it', async () => {
    const other = await network.start(2);
    await send(`SMFX^${other.host}^7002^a.txt^${TRANSFER}^`);
    expect(dials()).toEqual([]);
    expect(other.log.named('connection.opened')).toEqual([]);
    await peer.send({ type: 'REQUEST', transfer: TRANSFER, position: 0, length: 7 });
    await network.clock.advance(10);
    expect(peer.received.map(({ type }) => type)).toContain('DATA');
    peer.abort();
  });

  test('of SDFX is not dialled: the file is fetched from whoever offered it', async () => {
    const record = `1^0^mallory^${peer.id}^${peer.id}:1`;
    await send(`SDFX^10.0.0.2^7002^b.txt^${'c'.repeat(64)}^${TRANSFER}^${record}`);
    expect(dials()).toEqual([]);
    expect(peer.received.map(({ type }) => type)).toContain('SMFX');
    peer.abort();
  });

  test('of CONN is not listened on, with whatever fields the peer adds', async () => {
    await send(`CONN^10.0.0.66&66&${peer.id}&1&^0^mallory^0^^5001^5002`);
    expect(peer.received.map(({ type }) => type)).toContain('CONN');
    expect(victim.log.named('listener.opened').map(({ fields }) => fields['address'])).toEqual([victim.address]);
    expect(dials()).toEqual([]);
    peer.abort();
  });
});
