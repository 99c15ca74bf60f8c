import {
  KernelError,
  type AbortOptions,
  type Address,
  type Clock,
  type Connection,
  type Listener,
  type Transport,
} from '../../../kernel/index.ts';
import {
  canonicalSocketAddress,
  hostPortForm,
  joinAddress,
  parseSocketAddress,
  splitAddress,
  withDeadline,
} from '../../../kit/index.ts';
import { DIAL_TIMEOUT_MS, MAX_LENGTH } from './limits.ts';
import { MemoryCall } from './memory-call.ts';
import { MemoryListener } from './memory-listener.ts';
import type { MemoryNetwork } from './memory-network.ts';

/** Where connections come from while this transport does not listen. */
const HOST_WITHOUT_LISTENER = 'localhost';

/** Carries frames between the transports of one MemoryNetwork: asynchronous, without delay, in the same order at every run. */
export class MemoryTransport implements Transport {
  readonly maxFrameLength = MAX_LENGTH;
  readonly addressForm = hostPortForm;
  readonly #network: MemoryNetwork;
  readonly #clock: Clock;
  #listener: MemoryListener | undefined;

  constructor(network: MemoryNetwork, clock: Clock) {
    this.#network = network;
    this.#clock = clock;
  }

  parse(text: string): Address {
    return canonicalSocketAddress(text);
  }

  async listen(text: Address, { signal }: AbortOptions = {}): Promise<Listener> {
    signal?.throwIfAborted();
    const { ip, port } = parseSocketAddress(text);
    if (this.#listener !== undefined) {
      throw new KernelError('ERR_ALREADY_LISTENING', `this transport listens on ${this.#listener.address} already`);
    }
    const address = joinAddress({ ip, port: port === 0 ? this.#network.assignPort() : port });
    const listener = new MemoryListener(address, () => {
      this.#network.shut(address);
      this.#listener = undefined;
    });
    this.#network.open(address, listener);
    this.#listener = listener;
    return listener;
  }

  async dial(text: Address, { signal }: AbortOptions = {}): Promise<Connection> {
    const to = this.parse(text);
    if (splitAddress(to).port === 0) throw new KernelError('ERR_DIAL_FAILED', `cannot dial ${to}: port 0 is nobody's`);
    const from =
      this.#listener?.address ?? joinAddress({ ip: HOST_WITHOUT_LISTENER, port: this.#network.assignPort() });
    const call = new MemoryCall(this.#network, from, to, this.#clock);
    const timedOut = () =>
      new KernelError('ERR_DIAL_FAILED', `cannot dial ${to}: no answer within ${DIAL_TIMEOUT_MS} ms`);
    return withDeadline(this.#clock, DIAL_TIMEOUT_MS, timedOut, signal, (given) => {
      given.addEventListener('abort', () => call.giveUp());
      call.ring();
      return call.answered;
    });
  }
}
