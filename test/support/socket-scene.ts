import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Address, Connection, Listener } from '../../src/kernel/index.ts';

/** What a test opens on real sockets, and strangers who speak no transport of ours. Everything ends with `end`. */
export class SocketScene {
  readonly #opened: (() => unknown)[] = [];

  /** Closes in reverse what the test opened. */
  async end(): Promise<void> {
    for (const close of this.#opened.splice(0).reverse()) await close();
  }

  listener(listener: Listener): Listener {
    this.#opened.push(() => listener.close());
    return listener;
  }

  connection(connection: Connection): Connection {
    this.#opened.push(() => connection.abort(new Error('the test is over')));
    return connection;
  }

  /** Has something closed at the end. */
  closing(close: () => unknown): void {
    this.#opened.push(close);
  }

  /** A socket that says what the test wants. */
  async stranger(host: string, port: number): Promise<Socket> {
    const socket = connect({ host, port }).on('error', () => undefined);
    this.#opened.push(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  }

  /** The address of a server that answers the first bytes with others, and with `undefined` by hanging up. */
  impostor(answer: string | Uint8Array | undefined): Promise<Address> {
    return this.#serve((socket) =>
      socket.once('data', () => (answer === undefined ? socket.destroy() : socket.write(answer))),
    );
  }

  /** The address of a server that speaks first. */
  greeter(greeting: string): Promise<Address> {
    return this.#serve((socket) => socket.write(greeting));
  }

  async #serve(take: (socket: Socket) => unknown): Promise<Address> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      this.#opened.push(() => socket.destroy());
      take(socket);
    });
    server.listen(0, '127.0.0.1');
    this.#opened.push(() => server.close());
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

/** The first thing that comes out of a listener or a connection. */
export async function first<T>(source: AsyncIterable<T>): Promise<T> {
  for await (const item of source) return item;
  throw new Error('nothing came');
}

/** What a socket yields until it has ended, in one way or the other. */
export async function everything(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  return text;
}
