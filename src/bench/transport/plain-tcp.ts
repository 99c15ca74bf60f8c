import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { AsyncQueue, joinAddress, listenOn, parseSocketAddress } from '../../kit/index.ts';
import { framesOf, lengthPrefix } from './frames-of.ts';
import type { Pipe, PipeListener, Piping } from './pipe.ts';

/** Frames up to this length are copied behind their length: cheaper than a write of its own. */
const COPIED_LENGTH = 16 * 1024;
const BACKLOG = 511;

/**
 * What the transports are compared with: frames with a four-byte length over a socket of node:net, and nothing else. No closing mark, no
 * greeting, no limit on lengths: it is for processes that trust each other, and shows what the system itself allows.
 */
export function plainTcp(): Piping {
  return {
    parse: (text) => joinAddress(parseSocketAddress(text)),
    listen,
    async dial(address) {
      const { ip, port } = parseSocketAddress(address);
      const socket = connect({ host: ip, port, noDelay: true });
      await once(socket, 'connect');
      return new SocketPipe(socket);
    },
  };
}

async function listen(address: string): Promise<PipeListener> {
  const accepted = new AsyncQueue<Pipe>();
  const server = createServer({ noDelay: true }, (socket) => accepted.push(new SocketPipe(socket)));
  await listenOn(server, { at: parseSocketAddress(address), address, backlog: BACKLOG, signal: undefined });
  const bound = server.address() as AddressInfo;
  return {
    address: joinAddress({ ip: bound.address, port: bound.port }),
    [Symbol.asyncIterator]: () => accepted[Symbol.asyncIterator](),
    async close() {
      server.close();
      accepted.end();
    },
  };
}

class SocketPipe implements Pipe {
  readonly #socket: Socket;
  #isCorked = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    // Whoever sends or receives is told; at other times an error has nobody to go to, and would end the process.
    socket.on('error', () => undefined);
  }

  send(frame: Uint8Array): Promise<void> {
    const header = lengthPrefix(frame);
    this.#cork();
    return new Promise((resolve, reject) => {
      const taken = (error?: Error | null) => (error instanceof Error ? reject(error) : resolve());
      if (frame.length > COPIED_LENGTH) {
        this.#socket.write(header);
        this.#socket.write(frame, taken);
      } else if (this.#socket.write(Buffer.concat([header, frame]), taken)) resolve();
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return framesOf(this.#socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>);
  }

  async close(): Promise<void> {
    this.#socket.end();
  }

  abort(): void {
    this.#socket.destroy();
  }

  /** What is sent in one turn of the event loop goes out in one system call. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#socket.uncork();
    });
  }
}
