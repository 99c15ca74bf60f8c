import {
  KernelError,
  type AbortOptions,
  type Address,
  type AddressForm,
  type Clock,
  type Connection,
  type Listener,
  type Logger,
  type Transport,
} from '../../../kernel/index.ts';
import { ChannelConnection, ListenerPlace, dialWithin, socketAddress, type StreamOptions } from '../../../kit/index.ts';
import { connectWebSocket, type OpenWebSocket } from './connect-websocket.ts';
import { openListener } from './open-listener.ts';
import { parseWebAddress, splitWebAddress, webAddressForm } from './web-address.ts';
import { WebSocketChannel } from './websocket-channel.ts';

export interface WebSocketOptions extends StreamOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxFrameLength: number;
  readonly path: string;
  readonly origins: readonly string[];
  readonly upgradeTimeoutMs: number;
  readonly halfOpen: number;
  readonly pingMs: number;
}

/** A WebSocket for each connection. Listens without TLS, which is a reverse proxy's affair; dials with it. */
export class WebSocketTransport implements Transport {
  readonly maxFrameLength: number;
  readonly addressForm: AddressForm;
  readonly #options: WebSocketOptions;
  readonly #place = new ListenerPlace();

  constructor(options: WebSocketOptions) {
    this.#options = options;
    this.maxFrameLength = options.maxFrameLength;
    this.addressForm = webAddressForm(options.path);
  }

  parse(text: string): Address {
    return parseWebAddress(text, this.#options.path);
  }

  async listen(text: Address, { signal }: AbortOptions = {}): Promise<Listener> {
    signal?.throwIfAborted();
    const address = this.parse(text);
    const { isSecure, at, path } = splitWebAddress(address);
    if (isSecure) {
      const advice = 'listen on ws://, let a reverse proxy have the certificate, and advertise its wss:// address';
      throw new KernelError('ERR_LISTEN_FAILED', `cannot listen on ${address}: ${advice}`);
    }
    const toConnection = (open: OpenWebSocket, remote: Address) => this.#connection(open, remote);
    const options = { ...this.#options, address, at, path, toConnection, signal };
    return this.#place.take(address, (leave) => openListener({ ...options, leave }));
  }

  async dial(text: Address, { signal }: AbortOptions = {}): Promise<Connection> {
    signal?.throwIfAborted();
    const address = this.parse(text);
    if (splitWebAddress(address).at.port === 0)
      throw new KernelError('ERR_DIAL_FAILED', `${address}: nobody has port 0`);
    const { clock, dialTimeoutMs: timeoutMs, maxFrameLength } = this.#options;
    return dialWithin({ clock, address, timeoutMs, signal }, async (given) =>
      this.#connection(await connectWebSocket({ address, maxFrameLength, signal: given }), address),
    );
  }

  #connection({ webSocket, socket, localIp, localPort }: OpenWebSocket, remote: Address): Connection {
    const { clock, pingMs } = this.#options;
    const local = socketAddress(localIp, localPort);
    return new ChannelConnection((receiver) => new WebSocketChannel(webSocket, receiver, { clock, pingMs, socket }), {
      ...this.#options,
      local,
      remote,
    });
  }
}
