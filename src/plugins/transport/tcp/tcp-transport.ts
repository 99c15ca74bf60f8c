import type { Socket } from 'node:net';
import type { AbortOptions, Address, Clock, Connection, Listener, Logger, Transport } from '../../../kernel/index.ts';
import {
  ListenerPlace,
  canonicalSocketAddress,
  dialWithin,
  hostPortForm,
  parseSocketAddress,
  socketAddress,
  streamConnection,
  type StreamOptions,
} from '../../../kit/index.ts';
import { connectSocket } from './connect-socket.ts';
import { openListener } from './open-listener.ts';

export interface TcpOptions extends StreamOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxFrameLength: number;
  readonly greetingTimeoutMs: number;
  readonly halfOpen: number;
  readonly keepAliveMs: number;
}

/** Bytes read from a dialled socket at once, at most. */
const READ_LENGTH = 256 * 1024;

/** A socket for each connection; dials leave from a port of the system's choice, as TCP has it. */
export class TcpTransport implements Transport {
  readonly maxFrameLength: number;
  readonly addressForm = hostPortForm;
  readonly #options: TcpOptions;
  readonly #place = new ListenerPlace();
  /** Of all dialled sockets: what is in it is taken before the next read. */
  readonly #readBuffer = new Uint8Array(READ_LENGTH);

  constructor(options: TcpOptions) {
    this.#options = options;
    this.maxFrameLength = options.maxFrameLength;
  }

  parse(text: string): Address {
    return canonicalSocketAddress(text);
  }

  async listen(address: Address, { signal }: AbortOptions = {}): Promise<Listener> {
    signal?.throwIfAborted();
    const options = { ...this.#options, address, toConnection: (socket: Socket) => this.#connection(socket, true) };
    return this.#place.take(address, (leave) => openListener({ ...options, leave, signal }));
  }

  async dial(address: Address, { signal }: AbortOptions = {}): Promise<Connection> {
    signal?.throwIfAborted();
    const at = parseSocketAddress(address);
    const { clock, dialTimeoutMs: timeoutMs, keepAliveMs } = this.#options;
    return dialWithin({ clock, address, timeoutMs, signal }, async (given) =>
      this.#connection(await connectSocket({ at, keepAliveMs, buffer: this.#readBuffer, signal: given }), false),
    );
  }

  #connection(socket: Socket, ownsChunks: boolean): Connection {
    const { clock, maxFrameLength, receiveLimit } = this.#options;
    return streamConnection(socket, {
      ownsChunks,
      clock,
      maxFrameLength,
      receiveLimit,
      local: socketAddress(socket.localAddress, socket.localPort),
      remote: socketAddress(socket.remoteAddress, socket.remotePort),
      // So that the peer learns at once, and the system forgets what was not sent.
      reset: () => socket.resetAndDestroy(),
    });
  }
}
