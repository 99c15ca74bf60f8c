import { KernelError, type Clock, type Timer } from '../../kernel/index.ts';
import { AsyncQueue, joinAddress, parseSocketAddress } from '../../kit/index.ts';
import { importOptional } from '../optional-package.ts';
import { framesOf, lengthPrefix } from '../transport/frames-of.ts';
import type { Pipe, PipeListener, Piping } from '../transport/pipe.ts';

/** What is used of the package `udx-native`, which has no types of its own. */
interface Udx {
  createSocket(): UdxSocket;
  createStream(id: number): UdxStream;
}

interface UdxSocket {
  bind(port: number, host: string): void;
  address(): { readonly host: string; readonly port: number };
  /** For datagrams beside the streams. */
  trySend(message: Uint8Array, port: number, host: string): void;
  on(
    event: 'message',
    listener: (message: Uint8Array, from: { readonly host: string; readonly port: number }) => void,
  ): void;
  close(): Promise<void>;
}

interface UdxStream extends AsyncIterable<Uint8Array> {
  connect(socket: UdxSocket, remoteId: number, port: number, host: string): void;
  /** Returns whether more may be written before 'drain'. */
  write(bytes: Uint8Array): boolean;
  end(): void;
  destroy(): void;
  on(event: 'drain' | 'close' | 'error', listener: () => void): void;
}

export type UdxClass = new () => Udx;

/** How often an unanswered greeting is repeated, and how many times. */
const GREETING_MS = 200;
const MOST_GREETINGS = 25;

/**
 * The class that the package exports.
 *
 * @throws ERR_NOT_INSTALLED
 */
export async function loadUdx(): Promise<UdxClass> {
  const load = async () => {
    // @ts-expect-error It has no types.
    return (await import('udx-native')) as { readonly default: UdxClass };
  };
  return (await importOptional('udx-native', load)).default;
}

/**
 * Frames with a four-byte length over streams of `udx-native`: one socket, reliable streams in native code. Its streams have no handshake, so
 * the ends greet each other with a datagram that holds the number of their stream.
 */
export function udx(UDX: UdxClass, clock: Clock): Piping {
  return {
    parse: (text) => joinAddress(parseSocketAddress(text)),
    listen: async (address) => listen(new UDX(), address),
    dial: (address) => dial(new UDX(), address, clock),
  };
}

async function listen(instance: Udx, address: string): Promise<PipeListener> {
  const { ip, port } = parseSocketAddress(address);
  const socket = instance.createSocket();
  const accepted = new AsyncQueue<Pipe>();
  const streams = new Map<string, number>();
  socket.on('message', (message, from) => {
    const theirs = readGreeting(message);
    if (theirs === undefined) return;
    const key = `${from.host} ${from.port} ${theirs}`;
    let ours = streams.get(key);
    if (ours === undefined) {
      ours = streams.size + 1;
      streams.set(key, ours);
      const stream = instance.createStream(ours);
      stream.connect(socket, theirs, from.port, from.host);
      accepted.push(new UdxPipe(stream));
    }
    socket.trySend(greeting(ours), from.port, from.host);
  });
  socket.bind(port, ip);
  const bound = socket.address();
  return {
    address: joinAddress({ ip: bound.host, port: bound.port }),
    [Symbol.asyncIterator]: () => accepted[Symbol.asyncIterator](),
    async close() {
      accepted.end();
      // Settles when its last stream is gone.
      void socket.close();
    },
  };
}

function dial(instance: Udx, address: string, clock: Clock): Promise<Pipe> {
  const { ip, port } = parseSocketAddress(address);
  const socket = instance.createSocket();
  const ours = 1;
  const stream = instance.createStream(ours);
  return new Promise((resolve, reject) => {
    let greetings = 0;
    let timer: Timer | undefined = clock.setTimer(0, greet);
    socket.on('message', (message) => {
      const theirs = readGreeting(message);
      if (theirs === undefined || timer === undefined) return;
      timer.cancel();
      timer = undefined;
      stream.connect(socket, theirs, port, ip);
      // Each dial has a socket of its own; that it closes is nobody's affair.
      stream.on('close', () => void socket.close());
      resolve(new UdxPipe(stream));
    });
    socket.bind(0, '0.0.0.0');
    function greet(): void {
      if (greetings++ === MOST_GREETINGS) {
        timer = undefined;
        void socket.close();
        reject(new KernelError('ERR_DIAL_FAILED', `${address}: no answer of udx-native`));
        return;
      }
      socket.trySend(greeting(ours), port, ip);
      timer = clock.setTimer(GREETING_MS, greet);
    }
  });
}

/** A greeting begins with what no packet of udx begins with. */
const MARK = 0x67;

function greeting(id: number): Uint8Array {
  const message = Buffer.alloc(5, MARK);
  message.writeUInt32BE(id, 1);
  return message;
}

function readGreeting(message: Uint8Array): number | undefined {
  if (message.length !== 5 || message[0] !== MARK) return undefined;
  return Buffer.from(message).readUInt32BE(1);
}

class UdxPipe implements Pipe {
  readonly #stream: UdxStream;
  #isClosed = false;
  /** Whoever waits until more may be written. */
  readonly #waiting: (() => void)[] = [];

  constructor(stream: UdxStream) {
    this.#stream = stream;
    stream.on('drain', () => this.#release());
    stream.on('error', () => undefined);
    stream.on('close', () => {
      this.#isClosed = true;
      this.#release();
    });
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#isClosed) throw new KernelError('ERR_CONNECTION_LOST', 'the udx stream is closed');
    // Copied, since the stream keeps what it is given until it is acknowledged.
    if (this.#stream.write(Buffer.concat([lengthPrefix(frame), frame]))) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return framesOf(this.#stream[Symbol.asyncIterator]());
  }

  async close(): Promise<void> {
    this.#stream.end();
  }

  abort(): void {
    this.#stream.destroy();
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
