import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket as StreamSocket } from 'node:net';
import type { Address } from '../../../src/kernel/index.ts';
import { PAIR } from './pair.ts';

/** What passes between nodes as the system's sockets have it, below every transport. */
export interface Wire {
  /** What a node says of the garbage that came over this wire. */
  readonly codeOfGarbage: string;
  /** Each piece a datagram, or a connection on which nothing else is said. */
  send(port: number, pieces: readonly Uint8Array[]): Promise<void>;
  /** Says once more what was heard, in its order. */
  replay(port: number, heard: readonly Uint8Array[]): Promise<void>;
  /** Stands before a port: what arrives goes on to it, what answers goes back, and all that went there is kept. */
  eavesdrop(port: number): Promise<{ readonly port: number; readonly heard: readonly Uint8Array[] }>;
  /** Takes a port, any where it is 0, from whoever else would listen there. */
  occupy(port: number): Promise<{ readonly port: number; release(): void }>;
  close(): void;
}

/** The wire of the transport that this run is about. What is opened is closed by `close`. */
export function openWire(): Wire {
  return PAIR.transport === 'mrt-udp' ? new DatagramWire() : new StreamWire();
}

/** The port in an address, of any transport of this run. */
export function portOf(address: Address): number {
  const port = /:(\d+)(?:\/|$)/.exec(address)?.[1];
  if (port === undefined) throw new Error(`no port in ${address}`);
  return Number(port);
}

/** A port that nobody has. */
export async function freePort(): Promise<number> {
  const { port, release } = await openWire().occupy(0);
  release();
  return port;
}

const HOST = '127.0.0.1';

class DatagramWire implements Wire {
  readonly codeOfGarbage = 'ERR_PACKET';
  readonly #sockets: DatagramSocket[] = [];

  async send(port: number, datagrams: readonly Uint8Array[]): Promise<void> {
    const socket = await this.#open();
    for (const datagram of datagrams) {
      await new Promise((resolve) => socket.send(datagram, port, HOST, resolve));
    }
  }

  replay(port: number, heard: readonly Uint8Array[]): Promise<void> {
    return this.send(port, heard);
  }

  async eavesdrop(target: number) {
    const [front, back] = [await this.#open(), await this.#open()];
    const heard: Uint8Array[] = [];
    front.on('message', (datagram, { port: from, address }) => {
      heard.push(datagram);
      back.removeAllListeners('message').on('message', (answer) => front.send(answer, from, address));
      back.send(datagram, target, HOST);
    });
    return { port: front.address().port, heard };
  }

  async occupy(port: number) {
    const socket = await this.#open(port);
    return { port: socket.address().port, release: () => this.#close(socket) };
  }

  close(): void {
    for (const socket of [...this.#sockets]) this.#close(socket);
  }

  async #open(port = 0): Promise<DatagramSocket> {
    const socket = createSocket('udp4').bind(port, HOST);
    this.#sockets.push(socket);
    await once(socket, 'listening');
    return socket;
  }

  #close(socket: DatagramSocket): void {
    this.#sockets.splice(this.#sockets.indexOf(socket), 1);
    socket.close();
  }
}

class StreamWire implements Wire {
  readonly codeOfGarbage = 'ERR_TRANSPORT_DIFFERS';
  readonly #servers: Server[] = [];
  readonly #sockets: StreamSocket[] = [];

  async send(port: number, pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) await this.replay(port, [piece]);
  }

  async replay(port: number, heard: readonly Uint8Array[]): Promise<void> {
    const socket = this.#dial(port);
    socket.resume().end(Buffer.concat(heard));
    await new Promise((resolve) => socket.once('close', resolve));
  }

  async eavesdrop(target: number) {
    const heard: Uint8Array[] = [];
    const server = await this.#listen(0, (front) => {
      this.#keep(front);
      const back = this.#dial(target);
      front.on('data', (chunk) => heard.push(chunk));
      front.pipe(back).pipe(front);
    });
    return { port: portOfServer(server), heard };
  }

  async occupy(port: number) {
    const server = await this.#listen(port, (socket) => socket.destroy());
    return { port: portOfServer(server), release: () => void server.close() };
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #dial(port: number): StreamSocket {
    return this.#keep(connect(port, HOST));
  }

  /** That the other side resets a connection is what some of these tests are about. */
  #keep(socket: StreamSocket): StreamSocket {
    this.#sockets.push(socket);
    return socket.on('error', () => undefined);
  }

  async #listen(port: number, accept: (socket: StreamSocket) => void): Promise<Server> {
    const server = createServer(accept).listen(port, HOST);
    this.#servers.push(server);
    await once(server, 'listening');
    return server;
  }
}

function portOfServer(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
