import type { AbortOptions, Address, Connection, Listener, Transport } from '../../../src/kernel/index.ts';

/** Which way a frame goes, seen from who dialled, and how many went that way before. */
export interface TappedFrame {
  readonly direction: 'out' | 'in';
  readonly number: number;
  readonly frame: Uint8Array;
}

/** What arrives instead of one frame: nothing, it, something else, several. */
export type Tap = (tapped: TappedFrame) => readonly Uint8Array[];

/** Someone on the path of every connection that this transport dials: sees each frame and decides what arrives. */
export class TappedTransport implements Transport {
  readonly maxFrameLength: number;
  /** May be changed at any time. */
  tap: Tap = ({ frame }) => [frame];
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.maxFrameLength = transport.maxFrameLength;
    this.#transport = transport;
  }

  parse(text: string): Address {
    return this.#transport.parse(text);
  }

  listen(address: Address, options?: AbortOptions): Promise<Listener> {
    return this.#transport.listen(address, options);
  }

  async dial(address: Address, options?: AbortOptions): Promise<Connection> {
    return new TappedConnection(await this.#transport.dial(address, options), this);
  }
}

class TappedConnection implements Connection {
  readonly local: Address;
  readonly remote: Address;
  readonly #connection: Connection;
  readonly #transport: TappedTransport;
  readonly #numbers = { out: 0, in: 0 };

  constructor(connection: Connection, transport: TappedTransport) {
    this.local = connection.local;
    this.remote = connection.remote;
    this.#connection = connection;
    this.#transport = transport;
  }

  async send(frame: Uint8Array): Promise<void> {
    await Promise.all(this.#tap('out', frame).map((instead) => this.#connection.send(instead)));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const frame of this.#connection) yield* this.#tap('in', frame);
  }

  close(options?: AbortOptions): Promise<void> {
    return this.#connection.close(options);
  }

  abort(reason: Error): void {
    this.#connection.abort(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #tap(direction: 'out' | 'in', frame: Uint8Array): readonly Uint8Array[] {
    return this.#transport.tap({ direction, number: this.#numbers[direction]++, frame });
  }
}
