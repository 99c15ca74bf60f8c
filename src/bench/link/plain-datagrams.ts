import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { AsyncQueue, joinAddress, parseSocketAddress } from '../../kit/index.ts';
import type { Pipe, PipeListener, Piping } from '../transport/pipe.ts';

/**
 * Frames as bare datagrams: nothing is sent again, nothing is put in order, and a frame has to fit one. For short frames over a loopback,
 * which loses none while few are under way: what the system and Node.js allow to whoever builds on datagrams.
 */
export function plainDatagrams(): Piping {
  return {
    parse: (text) => joinAddress(parseSocketAddress(text)),
    listen,
    async dial(address) {
      const { ip, port } = parseSocketAddress(address);
      const socket = await bound('127.0.0.1:0');
      const received = new AsyncQueue<Uint8Array>();
      socket.on('message', (datagram) => received.push(datagram));
      const close = async () => {
        received.end();
        socket.close();
      };
      return pipe({ socket, remote: { ip, port }, received, close });
    },
  };
}

async function listen(address: string): Promise<PipeListener> {
  const socket = await bound(address);
  const accepted = new AsyncQueue<Pipe>();
  const pipes = new Map<number, AsyncQueue<Uint8Array>>();
  socket.on('message', (datagram, { address: ip, port }: RemoteInfo) => {
    let received = pipes.get(port);
    if (received === undefined) {
      const opened = new AsyncQueue<Uint8Array>();
      received = opened;
      pipes.set(port, opened);
      accepted.push(pipe({ socket, remote: { ip, port }, received, close: async () => opened.end() }));
    }
    received.push(datagram);
  });
  const { address: ip, port } = socket.address();
  return {
    address: joinAddress({ ip, port }),
    [Symbol.asyncIterator]: () => accepted[Symbol.asyncIterator](),
    async close() {
      for (const received of pipes.values()) received.end();
      accepted.end();
      socket.close();
    },
  };
}

async function bound(address: string): Promise<Socket> {
  const { ip, port } = parseSocketAddress(address);
  // Addresses are numeric here: answering at once spares the resolver's detour through the event loop for each datagram.
  const socket = createSocket({ type: 'udp4', lookup: (name, _, answer) => answer(null, name, 4) });
  const listening = once(socket, 'listening');
  socket.bind({ address: ip, port });
  await listening;
  return socket;
}

interface PipeParts {
  readonly socket: Socket;
  readonly remote: { readonly ip: string; readonly port: number };
  readonly received: AsyncQueue<Uint8Array>;
  readonly close: () => Promise<void>;
}

function pipe({ socket, remote, received, close }: PipeParts): Pipe {
  return {
    async send(frame) {
      // Copied, since the system may take it later; to be told when would cost more than the copy.
      socket.send(Buffer.from(frame), remote.port, remote.ip);
    },
    [Symbol.asyncIterator]: () => received[Symbol.asyncIterator](),
    close,
    abort: () => void close(), // Ends a queue and a socket: it cannot fail.
  };
}
