import { BlockLoan, SocketMemory } from './block-loan.ts';
import { BlockPool } from './block-pool.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { Connection } from './connection.ts';
import { BASE_DATAGRAM, LARGEST_DATAGRAM } from './constants.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { DialAttempt, type DialOutcome } from './dial-attempt.ts';
import { DropLog } from './drop-log.ts';
import { unreachable } from './endings.ts';
import type { Arrived, EndpointEvent, EndpointOptions, EndpointTransmit } from './endpoint-options.ts';
import { CLOSE_CODES, RESET_TOKEN_LENGTH, decodeFrames, type Frame, type Hello } from './frames.ts';
import { HalfOpenTable, resetOf } from './half-open.ts';
import { packetOf } from './handshake-packets.ts';
import { congestionFactory } from './congestion/controllers.ts';
import { InitialLimit } from './initial-limit.ts';
import { PacketLog } from './packet-log.ts';
import { NO_CONNECTION, decodePacket, type ConnectionId, type Packet } from './packet.ts';
import { firstWindow } from './receive-window.ts';
import { Replies } from './replies.ts';
import { isSameAddress, type UdpAddress } from './udp-address.ts';
import { asBuffer } from '../../../kit/index.ts';

/**
 * One UDP socket's worth of protocol, without the socket: hands datagrams to connections by their id, answers handshakes,
 * and keeps the limits. Does no I/O and reads no clock. Datagrams may hold anything: nothing throws.
 */
export class Endpoint {
  #isAccepting = false;
  readonly #options: EndpointOptions;
  readonly #log: PacketLog;
  readonly #drops: DropLog;
  readonly #connections = new Map<ConnectionId, Connection>();
  readonly #dials = new Map<ConnectionId, DialAttempt>();
  readonly #halfOpen: HalfOpenTable;
  readonly #initialLimit = new InitialLimit();
  /** Initials of accepted connections that live, so that repeated ones do not make another. */
  readonly #initials = new Map<string, ConnectionId>();
  readonly #initialOf = new Map<ConnectionId, string>();
  readonly #memory: SocketMemory;
  readonly #replies = new Replies();
  readonly #events: EndpointEvent[] = [];
  readonly #deadlines = new DeadlineQueue<Connection>();
  /** Connections that may have something to send. */
  readonly #ready = new Set<Connection>();

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#memory = new SocketMemory(new BlockPool(), options.socketMemory);
    this.#log = new PacketLog(options.logger);
    this.#drops = new DropLog(options.logger);
    this.#halfOpen = new HalfOpenTable({ ...options, limit: options.halfOpen });
  }

  /** Whether it has neither connections nor dials; what only remembers its end does not count. */
  get isIdle(): boolean {
    if (this.#dials.size > 0) return false;
    for (const connection of this.#connections.values()) if (!connection.isDraining) return false;
    return true;
  }

  /** Whether nothing at all is left to do. */
  get isEmpty(): boolean {
    return this.#dials.size === 0 && this.#connections.size === 0 && this.#replies.isEmpty;
  }

  /** Bytes that its connections hold together. */
  get held(): number {
    return this.#memory.held;
  }

  /** Datagrams dropped so far. */
  get dropped(): number {
    return this.#drops.dropped;
  }

  /** Accepts connections from now on. */
  accept(): void {
    this.#isAccepting = true;
  }

  /** Refuses connections from now on, and those whose handshake is not complete. */
  refuse(): void {
    this.#isAccepting = false;
    for (const entry of this.#halfOpen.takeAll()) this.#replies.push(resetOf(entry));
  }

  /** Starts to connect; a 'dialled' or 'dialFailed' event follows. */
  dial(remote: UdpAddress, now: number): DialAttempt {
    const { random, receiveWindow, dialTimeoutMs } = this.#options;
    const [sender, resetToken] = [this.#newId(), random.bytes(RESET_TOKEN_LENGTH)];
    const hello = { sender, resetToken, window: firstWindow(receiveWindow), maxDatagram: LARGEST_DATAGRAM };
    const dial = new DialAttempt({ hello, remote, timeoutMs: dialTimeoutMs, now });
    this.#dials.set(dial.localId, dial);
    return dial;
  }

  /** Ends a dial whose packets cannot be sent. */
  fail(dial: DialAttempt, cause: Error): void {
    if (!this.#dials.delete(dial.localId)) return;
    this.#events.push({ type: 'dialFailed', dial, error: unreachable(dial.remote, cause) });
  }

  /** Gives up a dial; no event follows. */
  cancel(dial: DialAttempt): void {
    this.#dials.delete(dial.localId);
  }

  /**
   * Takes a datagram that arrived, and writes into it meanwhile. Returns whether nothing of it is needed any more; else it must not be
   * used elsewhere.
   */
  receive(datagram: Uint8Array, source: UdpAddress, now: number): boolean {
    const packet = decodePacket(datagram);
    if (typeof packet === 'string') {
      this.#drops.add(source.ip, packet, now);
      for (const dial of this.#dials.values()) if (isSameAddress(dial.remote, source)) dial.noteForeign(datagram);
      return false;
    }
    let frames: Frame[];
    try {
      frames = decodeFrames(packet.payload);
    } catch (error) {
      this.#drops.add(source.ip, error instanceof Error ? error.message : String(error), now);
      return true;
    }
    const arrived = { packet, frames, source, size: datagram.length };
    const isData = packet.type === 'data';
    if (isData) this.#receiveData(arrived, now);
    else this.#receiveHandshake(arrived, now);
    return isData;
  }

  /** Does what is due by `now`. */
  handleTimeout(now: number): void {
    this.#halfOpen.handleTimeout(now);
    for (const dial of this.#dials.values()) this.#settleDial(dial, dial.expire(now), now);
    for (let due = this.#deadlines.shiftDue(now); due !== undefined; due = this.#deadlines.shiftDue(now)) {
      due.handleTimeout(now);
      this.#ready.add(due);
    }
  }

  /** The next datagram to send, if any; ask until there is none. Connections take turns. */
  pollTransmit(now: number): EndpointTransmit | undefined {
    const handshake: EndpointTransmit | undefined = this.#replies.shift() ?? this.#pollDials(now);
    if (handshake !== undefined) {
      if (this.#log.isEnabled) this.#log.sentAlone(handshake.datagram);
      return handshake;
    }
    for (const connection of this.#ready) {
      const transmit = connection.pollTransmit(now);
      const isNext = transmit !== undefined && this.#ready.size === 1;
      if (!isNext) this.#ready.delete(connection);
      if (transmit !== undefined) {
        if (!isNext) this.#ready.add(connection);
        return transmit;
      }
      if (connection.isGone) this.#forget(connection);
      else this.#deadlines.set(connection, connection.pollTimeout());
    }
    return undefined;
  }

  /** When `handleTimeout` and then `pollTransmit` want to be called, or Infinity. Ask after `pollTransmit` had nothing more. */
  pollTimeout(): number {
    let next = Math.min(this.#deadlines.next, this.#halfOpen.deadline);
    if (this.#dials.size === 0) return next;
    for (const dial of this.#dials.values()) next = Math.min(next, dial.deadline);
    return next;
  }

  /** The next event, if any; ask until there is none. */
  pollEvent(): EndpointEvent | undefined {
    return this.#events.shift();
  }

  #pollDials(now: number): EndpointTransmit | undefined {
    if (this.#dials.size === 0) return undefined;
    for (const dial of this.#dials.values()) {
      const transmit = dial.pollTransmit(now);
      if (transmit !== undefined) return { ...transmit, dial };
    }
    return undefined;
  }

  #receiveData({ packet, frames, source, size }: Arrived, now: number): void {
    const connection = this.#connections.get(packet.receiver) ?? this.#prove(packet, source, now);
    if (connection === undefined) {
      this.#answerStray(frames, size, source, now);
      return;
    }
    connection.receive({ number: packet.number, frames, size }, source, now);
    this.#ready.add(connection);
  }

  #receiveHandshake(arrived: Arrived, now: number): void {
    const { packet, frames, source, size } = arrived;
    const { type, receiver: connection, number: packetNumber } = packet;
    if (this.#log.isEnabled) this.#log.received({ connection, type, packetNumber, size }, frames);
    if (packet.type !== 'initial') {
      const dial = this.#dials.get(packet.receiver);
      if (dial !== undefined) this.#settleDial(dial, dial.receive(packet, frames, now), now);
      return;
    }
    const [hello] = frames;
    if (hello?.type !== 'hello' || packet.receiver !== NO_CONNECTION) {
      this.#drops.add(source.ip, 'an Initial without a hello', now);
      return;
    }
    if (!this.#initialLimit.allows(source.ip, now)) {
      this.#drops.addBeyondLimit(source.ip, 'more Initials than one source may send', now);
      return;
    }
    const initial = { hello, number: packet.number, size, source };
    if (this.#initials.has(HalfOpenTable.keyOf(initial))) return;
    const isFull = this.#connections.size + this.#halfOpen.size >= this.#options.maxConnections;
    if (!this.#isAccepting) this.#replies.push(this.#halfOpen.refuse(initial, 'notListening'));
    else if (isFull) {
      this.#drops.addBeyondLimit(source.ip, `limit of ${this.#options.maxConnections} connections`, now);
      this.#replies.push(this.#halfOpen.refuse(initial, 'limit'));
    } else this.#replies.push(this.#halfOpen.answer(initial, () => this.#newId(), now));
  }

  /** A half-open connection whose other side shows that it received our answer. */
  #prove(packet: Packet, source: UdpAddress, now: number): Connection | undefined {
    const entry = this.#halfOpen.take(packet.receiver);
    if (entry === undefined) return undefined;
    const { localId, localToken, answeredAt } = entry;
    const [answered = now] = answeredAt;
    const rttMs = answeredAt.length === 1 ? now - answered : undefined;
    const own = { localId, localToken, remote: source, nextNumber: answeredAt.length, rttMs };
    const connection = this.#open(entry.hello, own, now);
    this.#initials.set(entry.key, entry.localId);
    this.#initialOf.set(entry.localId, entry.key);
    this.#events.push({ type: 'accepted', connection });
    return connection;
  }

  /** Tells the sender of a packet to no connection of ours, if it reminds us of the token, that there is none. */
  #answerStray(frames: readonly Frame[], size: number, source: UdpAddress, now: number): void {
    const reminder = frames.find((frame) => frame.type === 'reminder');
    if (reminder === undefined) {
      this.#drops.countStray();
      return;
    }
    const frame = { type: 'reset', code: CLOSE_CODES.unknown, token: reminder.token } as const;
    const datagram = packetOf({ type: 'data', receiver: reminder.sender, number: 0 }, frame);
    if (datagram.length <= size) this.#replies.push({ datagram, destination: source });
    else this.#drops.add(source.ip, 'a reminder in too small a packet', now);
  }

  #settleDial(dial: DialAttempt, outcome: DialOutcome | undefined, now: number): void {
    if (outcome === undefined) return;
    this.#dials.delete(dial.localId);
    if ('error' in outcome) {
      this.#events.push({ type: 'dialFailed', dial, error: outcome.error });
      return;
    }
    const { localId, localToken, remote } = dial;
    const { nextNumber, rttMs } = outcome;
    const connection = this.#open(outcome.hello, { localId, localToken, remote, nextNumber, rttMs }, now);
    connection.ping();
    this.#events.push({ type: 'dialled', dial, connection });
  }

  #open(
    hello: Hello,
    own: Pick<ConnectionOptions, 'localId' | 'localToken' | 'remote' | 'nextNumber' | 'rttMs'>,
    now: number,
  ): Connection {
    const { localId, remote } = own;
    const { random, receiveWindow, maxFrameLength, keepAliveMs, allocate } = this.#options;
    const most = Math.min(this.#options.datagramLength, hello.maxDatagram);
    const connection: Connection = new Connection({
      ...own,
      ...{ now, allocate, random, receiveWindow, maxFrameLength, keepAliveMs, log: this.#log },
      pool: new BlockLoan(this.#memory),
      remoteId: hello.sender,
      remoteToken: hello.resetToken,
      datagramLimit: ({ ip }) => Math.max(BASE_DATAGRAM, Math.min(most, this.#options.linkLimit(ip))),
      peerWindow: hello.window,
      congestion: congestionFactory(this.#options.congestion, random),
      onEvent: (event) => {
        if (event.type === 'ended') this.#log.closed(localId, remote, event.error);
        this.#events.push({ type: 'connection', connection, event });
      },
      onWork: () => this.#ready.add(connection),
    });
    this.#connections.set(localId, connection);
    this.#ready.add(connection);
    this.#log.opened(localId, remote, own.rttMs);
    return connection;
  }

  #forget(connection: Connection): void {
    const { localId } = connection;
    connection.settle();
    this.#connections.delete(localId);
    this.#deadlines.delete(connection);
    this.#initials.delete(this.#initialOf.get(localId) ?? '');
    this.#initialOf.delete(localId);
  }

  #newId(): ConnectionId {
    for (;;) {
      const id = asBuffer(this.#options.random.bytes(8)).toString('hex');
      const isTaken = this.#connections.has(id) || this.#dials.has(id) || this.#halfOpen.has(id);
      if (!isTaken && id !== NO_CONNECTION) return id;
    }
  }
}
