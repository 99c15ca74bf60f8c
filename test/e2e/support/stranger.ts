import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  settingsSchema,
  type Address,
  type Connection,
  type Session,
  type Transport,
} from '../../../src/kernel/index.ts';
import { splitAddress, silentLogger, systemClock, systemRandom } from '../../../src/kit/index.ts';
import { identityFrom, privateKeyFromSeed } from '../../../src/node/identity/identity.ts';
import { parseSharedKey } from '../../../src/node/identity/shared-key.ts';
import { sealed } from '../../../src/node/link/sealed-transport.ts';
import { aesGcm, mrtUdp } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

/** Whatever may turn up at a node's port: all the way down to bare datagrams. What is opened here is closed by `close`. */
export class Stranger {
  readonly #clock = systemClock();
  readonly #random = systemRandom();
  readonly #transport: Transport;
  readonly #connections: Connection[] = [];
  readonly #sockets: Socket[] = [];

  constructor() {
    this.#transport = createPlugin(mrtUdp(), { clock: this.#clock, random: this.#random });
  }

  /** A connection of the default transport, without a word of the handshake. */
  async connect(address: Address): Promise<Connection> {
    const connection = await this.#transport.dial(address);
    this.#connections.push(connection);
    return connection;
  }

  /** A session as a member of the network has it, with an identity of its own. */
  async join(address: Address, key: string): Promise<Session> {
    const sessions = sealed(this.#transport, {
      identity: identityFrom(privateKeyFromSeed(this.#random.bytes(32))),
      sharedKey: parseSharedKey(key),
      cipher: createPlugin(aesGcm()),
      clock: this.#clock,
      random: this.#random,
      logger: silentLogger(),
      settings: settingsSchema.parse({}),
    });
    const session = await sessions.dial(address);
    this.#connections.push(session);
    return session;
  }

  /** Sends datagrams from a socket of its own. */
  async send(address: Address, datagrams: readonly Uint8Array[]): Promise<void> {
    const socket = await this.#open();
    const { ip, port } = splitAddress(address);
    for (const datagram of datagrams) {
      await new Promise((resolve) => socket.send(datagram, port, ip, resolve));
    }
  }

  /** Stands between nodes: what arrives at its address goes on to another, what answers goes back, and all that went there is kept. */
  async eavesdrop(target: Address): Promise<{ readonly address: Address; readonly heard: readonly Uint8Array[] }> {
    const [front, back] = [await this.#open(), await this.#open()];
    const { ip, port } = splitAddress(target);
    const heard: Uint8Array[] = [];
    front.on('message', (datagram, { port: from, address }) => {
      heard.push(datagram);
      back.removeAllListeners('message').on('message', (answer) => front.send(answer, from, address));
      back.send(datagram, port, ip);
    });
    return { address: `127.0.0.1:${front.address().port}`, heard };
  }

  close(): void {
    const reason = new Error('the test is over');
    for (const connection of this.#connections) connection.abort(reason);
    for (const socket of this.#sockets) socket.close();
  }

  async #open(): Promise<Socket> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    this.#sockets.push(socket);
    await once(socket, 'listening');
    return socket;
  }
}
