import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { splitAddress } from '../../src/kit/index.ts';
import { Stranger } from '../e2e/support/stranger.ts';
import type { FloodOrder } from './flooder.ts';

/** Datagrams of up to so many bytes, so many at once, one burst after the other with a pause: some thousands a second. */
const MAX_DATAGRAM = 1_400;
const BURST = 40;
const PAUSE_MS = 10;
/** Connections that are opened at once, and how long until the next so many. */
const CONNECTIONS = 60;
const WAVE_MS = 500;

// Somebody without the shared key, in a process, and on a host, of their own: takes orders as lines of JSON until the input ends.
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as FloodOrder;
  const until = performance.now() + 1_000 * order.seconds;
  const flood = order.with === 'garbage' ? sendGarbage(order, until) : keepSilent(order, until);
  // Several go on at once. One that fails ends the process, which is noticed.
  flood.catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
}
process.exit(0);

/** Datagrams that are none of any protocol. */
async function sendGarbage({ address }: FloodOrder, until: number): Promise<void> {
  const { ip, port } = splitAddress(address);
  const socket = createSocket('udp4');
  while (performance.now() < until) {
    for (let sent = 0; sent < BURST; sent++) {
      const datagram = randomBytes(Math.floor(Math.random() * MAX_DATAGRAM));
      // What the system does not take is not sent.
      socket.send(datagram, port, ip, () => undefined);
    }
    await sleep(PAUSE_MS);
  }
  socket.close();
}

/** Connections on which nothing is ever said. */
async function keepSilent({ address }: FloodOrder, until: number): Promise<void> {
  const stranger = new Stranger();
  while (performance.now() < until) {
    for (let dialled = 0; dialled < CONNECTIONS; dialled++) {
      // Most are turned away, which is what is tried here.
      stranger.connect(address).catch(() => undefined);
    }
    await sleep(WAVE_MS);
  }
  stranger.close();
}
