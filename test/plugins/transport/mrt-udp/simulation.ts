import type { Random } from '../../../../src/kernel/index.ts';
import { seededRandom } from '../../../../src/kit/seeded-random.ts';
import { silentLogger } from '../../../../src/kit/silent-logger.ts';
import type { Transmit } from '../../../../src/plugins/transport/mrt-udp/connection-options.ts';
import type { Connection } from '../../../../src/plugins/transport/mrt-udp/connection.ts';
import type { EndpointOptions } from '../../../../src/plugins/transport/mrt-udp/endpoint-options.ts';
import { DeadlineQueue } from '../../../../src/plugins/transport/mrt-udp/deadline-queue.ts';
import { Endpoint } from '../../../../src/plugins/transport/mrt-udp/endpoint.ts';
import type { UdpAddress } from '../../../../src/plugins/transport/mrt-udp/udp-address.ts';

/** What a link does to datagrams; shares are from 0 to 1. */
export interface Link {
  readonly delayMs: number;
  readonly jitterMs?: number;
  readonly loss?: number;
  /** Share of datagrams with which 80 ms begin in which all are lost. */
  readonly burst?: number;
  readonly duplicate?: number;
  readonly corrupt?: number;
  /** Carries nothing between these times. */
  readonly dead?: { readonly from: number; readonly until: number };
  /** Bytes a millisecond of IP packets, and the bytes of a drop-tail queue before it; without a rate nothing queues. */
  readonly rate?: number;
  readonly queue?: number;
  /** Share of datagrams that are held back this long. */
  readonly reorder?: number;
  readonly reorderMs?: number;
  /** Whether jitter leaves datagrams in their order. */
  readonly isOrdered?: boolean;
  /** Both ends get their turn only at multiples of this, as on a machine with too much to do. */
  readonly turnMs?: number;
  /** Longest datagram carried; `from` this time on, where it is given. */
  readonly mtu?: number | ((now: number) => number);
  /** What is different for what comes from port 1. */
  readonly back?: Partial<Link>;
}

/** Bytes of IP and UDP headers before each datagram. */
const HEADERS = 28;

/** One end's application: sends its frames, keeps what it gets. */
export class App {
  readonly connection: Connection;
  readonly received: Uint8Array[] = [];
  error: Error | undefined;
  hasEnded = false;
  isDelivered = false;
  isReading = true;
  /** Sent again and again, behind the frames. */
  endless: Uint8Array | undefined;
  /** Bytes read; the frames themselves are kept only where that is asked. */
  receivedBytes = 0;
  keepsFrames = true;
  readonly #frames: Uint8Array[];
  #isFinishing = false;

  constructor(connection: Connection, frames: readonly Uint8Array[]) {
    this.connection = connection;
    this.#frames = [...frames];
  }

  send(...frames: readonly Uint8Array[]): void {
    this.#frames.push(...frames);
  }

  close(): void {
    this.#isFinishing = true;
  }

  pump(now: number): void {
    while (this.#frames.length > 0 && this.connection.canWrite) this.connection.write(this.#frames.shift()!);
    while (this.endless !== undefined && this.connection.canWrite) this.connection.write(this.endless);
    if (this.#isFinishing && this.#frames.length === 0) {
      this.#isFinishing = false;
      this.connection.limitClosing(now);
      this.connection.finish();
    }
    for (let frame = this.isReading ? this.connection.read() : undefined; frame; frame = this.connection.read()) {
      this.receivedBytes += frame.length;
      if (this.keepsFrames) this.received.push(frame);
    }
  }
}

interface Delivery {
  readonly transmit: Transmit;
  readonly source: UdpAddress;
}

/** Where the link is with what it carries in one direction. */
interface Direction {
  /** When its rate has carried all that is queued, and when the last datagram comes out of it. */
  busyUntil: number;
  arrivedAt: number;
}

/** Endpoints joined by a seeded link, in virtual time. */
export class Simulation {
  now = 1_000;
  readonly random: Random;
  readonly apps = new Map<Connection, App>();
  readonly failures: Error[] = [];
  /** Sees every datagram that leaves; what it returns goes on instead. */
  tap: (transmit: Transmit, source: UdpAddress) => readonly Transmit[] = (transmit) => [transmit];
  sentDatagrams = 0;
  /** Datagrams that found the link's queue full. */
  queueDrops = 0;
  readonly #link: Link;
  readonly #endpoints = new Map<number, Endpoint>();
  readonly #frames = new Map<number, readonly Uint8Array[]>();
  readonly #inTransit = new DeadlineQueue<Delivery>();
  readonly #forwards: Direction = { busyUntil: 0, arrivedAt: 0 };
  readonly #backwards: Direction = { busyUntil: 0, arrivedAt: 0 };
  #burstUntil = 0;

  constructor(seed: number, link: Link) {
    this.random = seededRandom(seed);
    this.#link = link;
  }

  /** An endpoint at a port, whose connections send these frames. */
  endpoint(port: number, frames: readonly Uint8Array[] = [], options: Partial<EndpointOptions> = {}): Endpoint {
    const endpoint = new Endpoint({
      random: this.random,
      logger: silentLogger(),
      maxFrameLength: 1024 * 1024,
      maxConnections: 1_000,
      halfOpen: 64,
      keepAliveMs: 15_000,
      dialTimeoutMs: 20_000,
      receiveWindow: 2 * 1024 * 1024,
      socketMemory: 256 * 1024 * 1024,
      datagramLength: 1_200,
      linkLimit: () => 65_507,
      allocate: (length) => Buffer.allocUnsafe(length),
      congestion: 'bbr',
      ...options,
    });
    this.#endpoints.set(port, endpoint);
    this.#frames.set(port, frames);
    return endpoint;
  }

  remove(port: number): void {
    this.#endpoints.delete(port);
  }

  /** Puts a datagram on its way without the link's doing. */
  inject(transmit: Transmit, source: UdpAddress): void {
    this.#inTransit.set({ transmit, source }, this.now);
  }

  /** Runs until `isDone`, or until the time is over. Returns whether it was done. */
  run(isDone: () => boolean, forMs: number): boolean {
    const until = this.now + forMs;
    this.#pump();
    while (!isDone()) {
      const next = this.#nextTime();
      if (next > until) {
        this.now = until;
        return false;
      }
      const { turnMs = 0 } = this.#link;
      this.now = Math.max(this.now, turnMs > 0 ? Math.ceil(next / turnMs) * turnMs : next);
      this.#deliver();
      for (const endpoint of this.#endpoints.values()) endpoint.handleTimeout(this.now);
      this.#pump();
    }
    return true;
  }

  #nextTime(): number {
    let next = this.#inTransit.next;
    for (const endpoint of this.#endpoints.values()) next = Math.min(next, endpoint.pollTimeout());
    return next;
  }

  #deliver(): void {
    for (let due = this.#inTransit.shiftDue(this.now); due; due = this.#inTransit.shiftDue(this.now)) {
      const { transmit, source } = due;
      this.#endpoints.get(transmit.destination.port)?.receive(transmit.datagram, source, this.now);
    }
  }

  #pump(): void {
    for (let isBusy = true; isBusy;) {
      isBusy = false;
      for (const [port, endpoint] of this.#endpoints) {
        this.#takeEvents(port, endpoint);
        for (const app of this.apps.values()) app.pump(this.now);
        for (let out = endpoint.pollTransmit(this.now); out !== undefined; out = endpoint.pollTransmit(this.now)) {
          const source = { ip: '10.0.0.1', port };
          this.sentDatagrams += 1;
          for (const transmit of this.tap(out, source)) this.#carry(transmit, source);
          isBusy = true;
        }
      }
    }
  }

  #takeEvents(port: number, endpoint: Endpoint): void {
    for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
      if (event.type === 'dialFailed') this.failures.push(event.error);
      else if (event.type !== 'connection')
        this.apps.set(event.connection, new App(event.connection, this.#frames.get(port)!));
      else if (event.event.type === 'ended') {
        const app = this.apps.get(event.connection)!;
        app.error = event.event.error;
        app.hasEnded = true;
      } else if (event.event.type === 'delivered') this.apps.get(event.connection)!.isDelivered = true;
    }
  }

  #carry(transmit: Transmit, source: UdpAddress): void {
    const link = source.port === 1 ? { ...this.#link, ...this.#link.back } : this.#link;
    const { loss = 0, burst = 0, duplicate = 0, corrupt = 0, mtu = Infinity, dead } = link;
    const chance = (share: number) => share > 0 && this.random.fraction() < share;
    const length = transmit.datagram.length;
    if (length > (typeof mtu === 'number' ? mtu : mtu(this.now))) return;
    const leavesAt = this.#queue(length + HEADERS, link, source.port === 1 ? this.#backwards : this.#forwards);
    if (leavesAt === undefined) return;
    if (this.now >= this.#burstUntil && chance(burst)) this.#burstUntil = this.now + 80;
    if (dead !== undefined && this.now >= dead.from && this.now < dead.until) return;
    if (this.now < this.#burstUntil || chance(loss)) return;
    const copies = chance(duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const datagram = new Uint8Array(transmit.datagram);
      if (chance(corrupt)) datagram[Math.floor(this.random.fraction() * datagram.length)]! ^= 1 << (copy + 3);
      this.#inTransit.set({ transmit: { ...transmit, datagram }, source }, this.#arrival(leavesAt, link, source.port));
    }
  }

  /** When a packet has passed the link's rate, or nothing where its queue is full. */
  #queue(size: number, { rate = Infinity, queue = Infinity }: Link, direction: Direction): number | undefined {
    const startsAt = Math.max(this.now, direction.busyUntil);
    if (rate !== Infinity && (startsAt - this.now) * rate + size > queue) {
      this.queueDrops += 1;
      return undefined;
    }
    direction.busyUntil = startsAt + size / rate;
    return direction.busyUntil;
  }

  #arrival(leavesAt: number, link: Link, port: number): number {
    const { delayMs, jitterMs = 0, reorder = 0, reorderMs = 0, isOrdered = false } = link;
    const at = leavesAt + delayMs + (jitterMs > 0 ? this.random.fraction() * jitterMs : 0);
    const direction = port === 1 ? this.#backwards : this.#forwards;
    if (reorder > 0 && this.random.fraction() < reorder) return at + reorderMs;
    if (isOrdered) direction.arrivedAt = Math.max(direction.arrivedAt, at);
    return isOrdered ? direction.arrivedAt : at;
  }
}

/** Where the simulated endpoint at a port is. */
export function at(port: number): UdpAddress {
  return { ip: '10.0.0.1', port };
}

/** Frames of many lengths, told apart by their content. */
export function sampleFrames(random: Random, count: number, maxLength: number): Uint8Array[] {
  return Array.from({ length: count }, () => {
    const isSmall = random.fraction() < 0.6;
    return random.bytes(Math.floor(random.fraction() * (isSmall ? 100 : maxLength)));
  });
}

/** A short text that two equal lists of frames share. */
export function digest(frames: readonly Uint8Array[]): string {
  return frames.map((frame) => `${frame.length}:${Buffer.from(frame.subarray(0, 8)).toString('hex')}`).join(' ');
}
