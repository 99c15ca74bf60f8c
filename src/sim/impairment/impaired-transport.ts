import {
  KernelError,
  toError,
  type AbortOptions,
  type Address,
  type AddressForm,
  type Clock,
  type Connection,
  type Listener,
  type Transport,
} from '../../kernel/index.ts';
import { withDeadline } from '../../kit/index.ts';
import { ImpairedConnection } from './impaired-connection.ts';
import type { Link } from './link.ts';
import type { Links, Place } from './link-table.ts';
import { arrivalOver } from './pause.ts';
import type { Stoppable } from './stoppable.ts';

/** How long a dial may take, as transports have it. */
const DIAL_TIMEOUT_MS = 5_000;
/** How long TCP and MRT go on where nothing is acknowledged is between 10 s and minutes; the network above gives up after 10 s. */
const LOST_AFTER_MS = 20_000;

/** A frame at the moment it comes to the other end. */
export interface CarriedFrame {
  readonly from: Address;
  readonly to: Address;
  readonly bytes: Uint8Array;
}

export interface ImpairedOptions {
  readonly clock: Clock;
  readonly links: Links;
  /** Where this transport stands, while it does not listen. */
  readonly place?: Place | undefined;
  /** How long a link may carry nothing until a connection with something underway is lost; 20 s where it is left out. */
  readonly lostAfterMs?: number | undefined;
  readonly onFrame?: ((frame: CarriedFrame) => void) | undefined;
  /** The process, where it may be stopped: it then hears of nothing until it goes on. */
  readonly life?: Stoppable | undefined;
}

/**
 * A transport over another whose frames take the time of a link: its delay, rate and losses, and while it is cut for ever. Dials take a round
 * trip. What it sends is shaped; where both ends are wrapped, so are both directions.
 */
export class ImpairedTransport implements Transport {
  readonly maxFrameLength: number;
  readonly addressForm: AddressForm | undefined;
  readonly #transport: Transport;
  readonly #options: ImpairedOptions;
  readonly #open = new Set<ImpairedConnection>();
  #listener: Listener | undefined;
  #isDead = false;

  constructor(transport: Transport, options: ImpairedOptions) {
    this.maxFrameLength = transport.maxFrameLength;
    this.addressForm = transport.addressForm;
    this.#transport = transport;
    this.#options = options;
  }

  parse(text: string): Address {
    return this.#transport.parse(text);
  }

  async listen(address: Address, options?: AbortOptions): Promise<Listener> {
    const listener = await this.#transport.listen(address, options);
    this.#listener = listener;
    return new ImpairedListener(listener, async (connection) => {
      await this.#running();
      return this.#wrap(connection);
    });
  }

  async dial(address: Address, options: AbortOptions = {}): Promise<Connection> {
    try {
      return await this.#dial(address, options);
    } finally {
      await this.#running();
    }
  }

  async #dial(text: Address, { signal }: AbortOptions): Promise<Connection> {
    const to = this.parse(text);
    const { clock, links } = this.#options;
    const own = this.#listener === undefined ? this.#options.place : this.#placeOf(this.#listener.address);
    const there = links.between(own ?? '', this.#placeOf(to));
    const back = links.between(this.#placeOf(to), own ?? '');
    if (there.isImmediate && back.isImmediate) return this.#wrap(await this.#transport.dial(to, { signal }));
    const timedOut = () =>
      new KernelError('ERR_DIAL_FAILED', `cannot dial ${to}: no answer within ${DIAL_TIMEOUT_MS} ms`);
    return withDeadline(clock, DIAL_TIMEOUT_MS, timedOut, signal, async (given) => {
      await this.#cross(there, given);
      const connection = this.#wrap(await this.#transport.dial(to, { signal: given }));
      try {
        await this.#cross(back, given);
      } catch (thrown) {
        connection.abort(toError(thrown));
        throw thrown;
      }
      return connection;
    });
  }

  /** The process is no more: its connections end and nobody is listening; it hears of none of it. */
  die(): void {
    this.#isDead = true;
    for (const connection of this.#open) connection.die();
    // What the closed listener of a dead process has to say concerns nobody.
    this.#listener?.close().catch(() => undefined);
  }

  /** Waits as long as a packet takes. */
  async #cross(link: Link, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    signal.throwIfAborted();
    if (link.isImmediate) return;
    const pause = arrivalOver({ link, clock, at: link.arrival(0), lostAfterMs: DIAL_TIMEOUT_MS });
    signal.addEventListener('abort', pause.end, { once: true });
    const hasArrived = await pause.over;
    signal.removeEventListener('abort', pause.end);
    signal.throwIfAborted();
    if (!hasArrived) throw new KernelError('ERR_DIAL_FAILED', 'no answer: every packet was lost');
  }

  async #running(): Promise<void> {
    const { life } = this.#options;
    if (life?.isStopped === true) await life.running();
  }

  #wrap(connection: Connection): ImpairedConnection {
    const { clock, links, lostAfterMs = LOST_AFTER_MS, onFrame, life } = this.#options;
    const { local: from, remote: to } = connection;
    const impaired = new ImpairedConnection({
      connection,
      maxFrameLength: this.maxFrameLength,
      link: links.between(this.#placeOf(from), this.#placeOf(to)),
      clock,
      lostAfterMs,
      life,
      onFrame: (bytes) => onFrame?.({ from, to, bytes }),
      onOver: () => this.#open.delete(impaired),
    });
    this.#open.add(impaired);
    if (this.#isDead) impaired.die();
    return impaired;
  }

  #placeOf(address: Address): Place {
    return this.addressForm?.split(address)?.host ?? address;
  }
}

/** Hands out the connections of a listener, each wrapped. */
class ImpairedListener implements Listener {
  readonly address: Address;
  readonly #listener: Listener;
  readonly #wrap: (connection: Connection) => Promise<Connection>;

  constructor(listener: Listener, wrap: (connection: Connection) => Promise<Connection>) {
    this.address = listener.address;
    this.#listener = listener;
    this.#wrap = wrap;
  }

  [Symbol.asyncIterator](): AsyncIterator<Connection> {
    const connections = this.#listener[Symbol.asyncIterator]();
    return {
      next: async () => {
        const result = await connections.next();
        return result.done === true ? result : { done: false, value: await this.#wrap(result.value) };
      },
    };
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
