import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { AsyncQueue, joinAddress, listenOn, parseSocketAddress } from '../../kit/index.ts';
import type { Pipe, PipeListener, Piping } from './pipe.ts';

const LENGTH_BYTES = 4;
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
    const header = Buffer.allocUnsafe(LENGTH_BYTES);
    header.writeUInt32BE(frame.length);
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
    const chunks = this.#socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const frames = new FrameAssembler();
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      for (;;) {
        const frame = frames.take();
        if (frame !== undefined) return { done: false, value: frame };
        const result = await chunks.next();
        if (result.done === true) return { done: true, value: undefined };
        frames.push(result.value);
      }
    };
    return { next };
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

/** Puts frames together from the chunks of a stream. */
class FrameAssembler {
  #chunk: Uint8Array = new Uint8Array(0);
  #offset = 0;
  readonly #header = Buffer.alloc(LENGTH_BYTES);
  #headerFilled = 0;
  #frame: Uint8Array | undefined;
  #filled = 0;

  /** To be called when `take` has nothing more. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** The next frame, in memory of its own; undefined where more bytes are needed. */
  take(): Uint8Array | undefined {
    if (this.#frame === undefined) {
      this.#headerFilled += this.#copyInto(this.#header, this.#headerFilled);
      if (this.#headerFilled < LENGTH_BYTES) return undefined;
      this.#frame = new Uint8Array(Buffer.allocUnsafeSlow(this.#header.readUInt32BE()).buffer);
      this.#filled = 0;
    }
    this.#filled += this.#copyInto(this.#frame, this.#filled);
    if (this.#filled < this.#frame.length) return undefined;
    const frame = this.#frame;
    this.#frame = undefined;
    this.#headerFilled = 0;
    return frame;
  }

  #copyInto(target: Uint8Array, start: number): number {
    const length = Math.min(target.length - start, this.#chunk.length - this.#offset);
    target.set(this.#chunk.subarray(this.#offset, this.#offset + length), start);
    this.#offset += length;
    return length;
  }
}
