import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { clearImmediate, setImmediate } from 'node:timers';
import { KernelError, type Address, type Clock, type Logger, type Timer } from '../../../kernel/index.ts';
import { deferred, type Deferred } from '../../../kit/deferred.ts';
import { plainIp } from '../../../kit/socket-address.ts';
import { discard } from '../../../kit/world/discard.ts';
import type { Connection } from './connection.ts';
import { LARGEST_DATAGRAM } from './constants.ts';
import type { DialAttempt } from './dial-attempt.ts';
import type { EndpointEvent, EndpointOptions, EndpointTransmit } from './endpoint-options.ts';
import { Endpoint } from './endpoint.ts';
import { LinkLimits } from './link-limits.ts';
import { MrtConnection, type ConnectionHost } from './mrt-connection.ts';
import { MrtListener } from './mrt-listener.ts';
import { formatUdpAddress, type UdpAddress } from './udp-address.ts';

/** Bytes asked of the system for each direction of a socket: a burst should find room. It may grant less. */
const SOCKET_BUFFER = 4 * 1024 * 1024;

/** Datagrams sent before others on the event loop, arriving acknowledgements first of all, get their turn. */
const SEND_BATCH = 128;

/** Datagrams the system has not taken at which sending pauses. */
const MAX_QUEUED_SENDS = 64;

export interface UdpPortOptions extends Omit<EndpointOptions, 'linkLimit' | 'allocate'> {
  readonly clock: Clock;
  readonly logger: Logger;
}

interface PendingDial extends Deferred<MrtConnection> {
  readonly remote: Address;
}

/** One UDP socket and its endpoint: moves datagrams between the two, keeps one timer, and turns events into promises. */
export class UdpPort implements ConnectionHost {
  readonly local: Address;
  readonly maxFrameLength: number;
  readonly #address: UdpAddress;
  readonly #socket: Socket;
  readonly #isIpv6: boolean;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #endpoint: Endpoint;
  readonly #connections = new Map<Connection, MrtConnection>();
  readonly #dials = new Map<DialAttempt, PendingDial>();
  readonly #closed = deferred<undefined>();
  /** Where the next datagram is written: free again as soon as the system has taken it. */
  #slab = Buffer.allocUnsafeSlow(LARGEST_DATAGRAM);
  /** Datagrams that the system had not taken when that was last asked. */
  #queuedSends = 0;
  #listener: MrtListener | undefined;
  #timer: { readonly at: number; readonly timer: Timer } | undefined;
  #flushDue: NodeJS.Immediate | undefined;
  #isNextDue = false;
  #isClosed = false;

  private constructor(socket: Socket, options: UdpPortOptions) {
    const { address, port } = socket.address();
    this.#socket = socket;
    this.#isIpv6 = !isIPv4(address);
    this.#address = { ip: plainIp(address), port };
    this.local = formatUdpAddress(this.#address);
    this.maxFrameLength = options.maxFrameLength;
    this.#clock = options.clock;
    this.#logger = options.logger;
    const links = new LinkLimits(options.clock);
    this.#endpoint = new Endpoint({
      ...options,
      linkLimit: (ip) => links.to(ip),
      allocate: (length) => this.#slab.subarray(0, length),
    });
    socket.on('message', (datagram, source) => {
      if (source.port === 0) return;
      const from = { ip: this.#isIpv6 ? plainIp(source.address) : source.address, port: source.port };
      if (this.#endpoint.receive(datagram, from, this.#clock.now())) discard(datagram);
      // Whoever waits for a frame gets it before the flush, so that the answer leaves with the acknowledgement.
      this.#dispatch();
      this.flushSoon();
    });
    socket.on('error', (error) => {
      this.#logger.warn('mrt.socket.error', { local: this.local, reason: error.message });
    });
  }

  /** Binds a socket; port 0 takes any. Rejects with the system's error. */
  static async open({ ip, port }: UdpAddress, options: UdpPortOptions): Promise<UdpPort> {
    const type = isIPv4(ip) ? 'udp4' : 'udp6';
    // Addresses are numeric here: answering at once spares the resolver's detour through the event loop for each datagram.
    const socket = createSocket({ type, lookup: (name, _, answer) => answer(null, name, type === 'udp4' ? 4 : 6) });
    try {
      const listening = once(socket, 'listening');
      socket.bind({ address: ip, port, exclusive: true });
      await listening;
    } catch (error) {
      socket.close();
      throw error;
    }
    for (const enlarge of [
      () => socket.setRecvBufferSize(SOCKET_BUFFER),
      () => socket.setSendBufferSize(SOCKET_BUFFER),
    ]) {
      try {
        enlarge();
      } catch (error) {
        options.logger.debug('mrt.socket.buffer', { reason: String(error) });
      }
    }
    return new UdpPort(socket, options);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get address(): UdpAddress {
    return this.#address;
  }

  now(): number {
    return this.#clock.now();
  }

  get #isFlushDue(): boolean {
    return this.#flushDue !== undefined;
  }

  /** Resolves when the socket is closed: when nothing needs it any more. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Accepts connections, until the listener it returns is closed, which tells `onStop`. */
  listen(onStop: () => void): MrtListener {
    const listener = new MrtListener(this.local, async () => {
      this.#listener = undefined;
      onStop();
      this.#endpoint.refuse();
      this.#flush();
      if (this.#isClosed) await this.#closed.promise;
    });
    this.#listener = listener;
    this.#endpoint.accept();
    this.#socket.ref();
    return listener;
  }

  /** Connects to `remote`, or rejects with ERR_DIAL_FAILED, ERR_TRANSPORT_DIFFERS or the signal's reason. */
  async dial(remote: UdpAddress, signal: AbortSignal | undefined): Promise<MrtConnection> {
    const dial = this.#endpoint.dial(remote, this.#clock.now());
    const pending: PendingDial = { remote: formatUdpAddress(remote), ...deferred<MrtConnection>() };
    const giveUp = () => {
      this.#endpoint.cancel(dial);
      this.#dials.delete(dial);
      pending.reject(
        signal?.reason instanceof Error ? signal.reason : new KernelError('ERR_ABORTED', 'the dial was given up'),
      );
      this.flushSoon();
    };
    this.#dials.set(dial, pending);
    this.#socket.ref();
    signal?.addEventListener('abort', giveUp, { once: true });
    this.flushSoon();
    try {
      return await pending.promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  flushSoon(): void {
    if (this.#isFlushDue || this.#isClosed) return;
    this.#flushDue = setImmediate(this.#flush);
  }

  flushNext(): void {
    if (this.#isNextDue || this.#isClosed) return;
    this.#isNextDue = true;
    // After the microtasks of this turn, in which more may be written, and before the next datagram is read. Whoever answers a message then
    // finds the next one there, without waiting to be woken for it.
    process.nextTick(this.#flush);
  }

  /** Does what is due and sends what there is; what else was to do so in this turn need not. */
  readonly #flush = (): void => {
    this.#isNextDue = false;
    if (this.#flushDue !== undefined) clearImmediate(this.#flushDue);
    this.#flushDue = undefined;
    if (this.#isClosed) return;
    const now = this.#clock.now();
    if (now >= this.#endpoint.pollTimeout()) this.#endpoint.handleTimeout(now);
    this.#dispatch();
    const isDone = this.#transmit(now);
    this.#dispatch();
    if (isDone) this.#setTimer(now);
    else this.flushSoon();
    if (this.#listener === undefined && !this.#isFlushDue) this.#rest();
  };

  /** Sends what there is, a batch at most. Returns whether that was all. */
  #transmit(now: number): boolean {
    if (this.#queuedSends > 0) this.#queuedSends = this.#socket.getSendQueueCount();
    for (let sent = 0; sent < SEND_BATCH; sent += 1) {
      if (this.#queuedSends >= MAX_QUEUED_SENDS) return false;
      const transmit = this.#endpoint.pollTransmit(now);
      if (transmit === undefined) return true;
      this.#send(transmit);
      // What the system did not take at once waits in that buffer.
      this.#queuedSends = this.#socket.getSendQueueCount();
      if (this.#queuedSends > 0) this.#slab = Buffer.allocUnsafeSlow(LARGEST_DATAGRAM);
    }
    return false;
  }

  #send({ datagram, destination, dial }: EndpointTransmit): void {
    const { ip, port } = destination;
    const host = this.#isIpv6 && isIPv4(ip) ? `::ffff:${ip}` : ip;
    if (dial === undefined) {
      // Without a callback a failure shows as the loss that it is.
      this.#socket.send(datagram, port, host);
      return;
    }
    this.#socket.send(datagram, port, host, (error) => {
      if (error === null) return;
      this.#endpoint.fail(dial, error);
      this.flushSoon();
    });
  }

  #dispatch(): void {
    for (let event = this.#endpoint.pollEvent(); event !== undefined; event = this.#endpoint.pollEvent()) {
      this.#handle(event);
    }
  }

  #handle(event: EndpointEvent): void {
    switch (event.type) {
      case 'accepted': {
        const connection = this.#adopt(event.connection, formatUdpAddress(event.connection.remote));
        if (this.#listener === undefined) connection.abort(new KernelError('ERR_CLOSED', 'the listener was closed'));
        else this.#listener.push(connection);
        return;
      }
      case 'dialled': {
        const pending = this.#dials.get(event.dial);
        this.#dials.delete(event.dial);
        pending?.resolve(this.#adopt(event.connection, pending.remote));
        return;
      }
      case 'dialFailed':
        this.#dials.get(event.dial)?.reject(event.error);
        this.#dials.delete(event.dial);
        return;
      case 'connection':
        this.#connections.get(event.connection)?.handle(event.event);
        if (event.event.type === 'ended') this.#connections.delete(event.connection);
    }
  }

  #adopt(core: Connection, remote: Address): MrtConnection {
    const connection = new MrtConnection(core, this, remote);
    this.#connections.set(core, connection);
    return connection;
  }

  /** Sets the timer where it would come too late; one that comes too soon finds nothing to do and sets the next. */
  #setTimer(now: number): void {
    const at = this.#endpoint.pollTimeout();
    if (at === Infinity || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.timer.cancel();
    const timer = this.#clock.setTimer(Math.max(0, at - now), () => {
      this.#timer = undefined;
      this.#flush();
    });
    this.#timer = { at, timer };
  }

  /** Keeps the process alive no longer than there is a connection, and the socket no longer than a peer may still ask. */
  #rest(): void {
    if (!this.#endpoint.isIdle) return;
    if (!this.#endpoint.isEmpty) {
      this.#socket.unref();
      return;
    }
    this.#isClosed = true;
    this.#timer?.timer.cancel();
    this.#socket.close(() => this.#closed.resolve(undefined));
  }
}
