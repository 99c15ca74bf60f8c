import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { splitAddress } from '../../src/kit/index.ts';
import { RelayedNetwork } from './relayed-network.ts';

/** What stands where a node would: a socket where it is told to listen. */
interface Place {
  readonly socket: Socket;
  /** Where others are told that it is. */
  readonly told: number;
  readonly heard: string[];
}

let network: RelayedNetwork;
let places: readonly [Place, Place, Place];

beforeEach(async () => {
  network = await RelayedNetwork.open(3);
  places = [await placeOf('n1'), await placeOf('n2'), await placeOf('n3')];
});

afterEach(async () => {
  for (const { socket } of places) socket.close();
  await network.close();
});

async function placeOf(name: string): Promise<Place> {
  const { flags } = network.host(name);
  const [, listen = '', , told = ''] = flags;
  const socket = createSocket('udp4').bind(splitAddress(listen).port, '127.0.0.1');
  await once(socket, 'listening');
  const heard: string[] = [];
  socket.on('message', (datagram, { port }) => heard.push(`${datagram.toString()} from ${port}`));
  return { socket, told: splitAddress(told).port, heard };
}

/** Sends, and waits until a last word that nothing keeps from arriving is there. */
async function say(text: string, from: Place, to: Place): Promise<void> {
  from.socket.send(text, to.told, '127.0.0.1');
  const [, , third] = places;
  const arrived = once(from === third ? places[0].socket : third.socket, 'message');
  from.socket.send('last', (from === third ? places[0] : third).told, '127.0.0.1');
  await arrived;
}

test('each hears the other from the address it knows of it', async () => {
  const [first, second] = places;
  const answered = once(first.socket, 'message');
  second.socket.once('message', (_, { port }) => second.socket.send('answer', port, '127.0.0.1'));
  first.socket.send('question', second.told, '127.0.0.1');
  await answered;
  expect(second.heard).toEqual([`question from ${first.told}`]);
  expect(first.heard).toEqual([`answer from ${second.told}`]);
});

test('what is said across a cut is lost, in both directions, and what is said to others or after it is not', async () => {
  const [first, second, third] = places;
  await network.cut('n1', 'n2');
  await say('lost', first, second);
  await say('lost too', second, first);
  expect(third.heard).toHaveLength(2);
  await network.mend('n2', 'n1');
  const arrived = once(second.socket, 'message');
  first.socket.send('after it', second.told, '127.0.0.1');
  await arrived;
  expect(second.heard).toEqual([`after it from ${first.told}`]);
  expect(first.heard).toEqual([]);
});

test('mending all mends every cut', async () => {
  const [first, second, third] = places;
  await network.cut('n1', 'n2');
  await network.cut('n2', 'n3');
  await network.mendAll();
  for (const from of [first, third]) {
    const arrived = once(second.socket, 'message');
    from.socket.send('hello', second.told, '127.0.0.1');
    await arrived;
  }
  expect(second.heard).toHaveLength(2);
});

test('who is no node of the network reaches nobody through it', async () => {
  const [first, second] = places;
  const stranger = createSocket('udp4').bind(0, '127.0.0.1');
  await once(stranger, 'listening');
  await new Promise((resolve) => stranger.send('let me in', second.told, '127.0.0.1', resolve));
  stranger.close();
  const arrived = once(second.socket, 'message');
  first.socket.send('hello', second.told, '127.0.0.1');
  await arrived;
  expect(second.heard).toEqual([`hello from ${first.told}`]);
});
