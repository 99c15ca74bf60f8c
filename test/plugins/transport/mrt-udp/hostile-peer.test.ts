import type { Random } from '../../../../src/kernel/index.ts';
import { seededRandom } from '../../../../src/kit/seeded-random.ts';
import type { Transmit } from '../../../../src/plugins/transport/mrt-udp/connection-options.ts';
import type { Connection } from '../../../../src/plugins/transport/mrt-udp/connection.ts';
import { decodeFrames, writeFrame, type Frame, type Hello } from '../../../../src/plugins/transport/mrt-udp/frames.ts';
import { packetOf } from '../../../../src/plugins/transport/mrt-udp/handshake-packets.ts';
import {
  HEADER_LENGTH,
  NO_CONNECTION,
  decodePacket,
  sealPacket,
} from '../../../../src/plugins/transport/mrt-udp/packet.ts';
import { ByteWriter } from '../../../../src/plugins/transport/mrt-udp/wire.ts';
import { Simulation, at, type App } from './simulation.ts';

const WINDOW = 2 * 1024 * 1024;

/** A peer that made the handshake by the book, and may then send anything. */
class HostilePeer {
  readonly simulation: Simulation;
  readonly random: Random;
  app!: App;
  heard: Frame[] = [];
  /** Highest packet number heard. */
  highest = 0;
  #victim: Hello | undefined;
  #number = 1;

  constructor(seed: number) {
    this.simulation = new Simulation(seed, { delayMs: 1 });
    this.random = seededRandom(seed + 1);
    this.simulation.endpoint(1, [new Uint8Array(50_000)]).accept();
    this.simulation.tap = (transmit) => this.#hear(transmit);
    const hello = { sender: '00000000000000ff', resetToken: new Uint8Array(16), window: 1_000, maxDatagram: 9_000 };
    const header = { type: 'initial', receiver: NO_CONNECTION, number: 0 } as const;
    this.#inject(packetOf(header, { type: 'hello', ...hello, answers: 0, retryToken: new Uint8Array() }));
    this.send({ type: 'ping' });
    this.app = [...this.simulation.apps.values()][0]!;
  }

  get connection(): Connection {
    return this.app.connection;
  }

  send(...frames: readonly Frame[]): void {
    const writer = new ByteWriter(new Uint8Array(60_000), HEADER_LENGTH);
    for (const frame of frames) writeFrame(writer, frame);
    const header = { type: 'data', receiver: this.#victim!.sender, number: this.#number++ } as const;
    this.#inject(sealPacket(writer.bytes.slice(0, writer.position), header));
  }

  stream(offset: number, length: number, fin = false): this {
    this.send({ type: 'stream', offset, bytes: new Uint8Array(length), fin });
    return this;
  }

  #inject(datagram: Uint8Array): void {
    this.simulation.inject({ datagram, destination: at(1) }, at(66));
    this.simulation.run(() => false, 3);
  }

  #hear({ datagram }: Transmit): Transmit[] {
    const packet = decodePacket(datagram);
    if (typeof packet === 'string') throw new Error(packet);
    if (packet.type === 'data') this.highest = Math.max(this.highest, packet.number);
    for (const frame of decodeFrames(packet.payload)) {
      if (frame.type === 'hello') this.#victim = frame;
      this.heard.push(frame);
    }
    return [];
  }
}

const resets = (peer: HostilePeer) => peer.heard.filter((frame) => frame.type === 'reset').length;

describe('a hostile MRT peer', () => {
  test.each<[string, (peer: HostilePeer) => void]>([
    [
      'acknowledges what was never sent',
      (peer) => peer.send({ type: 'ack', delayUs: 0, ranges: [{ smallest: 0, largest: 9_999 }] }),
    ],
    ['sends beyond the window', (peer) => peer.stream(WINDOW, 1)],
    ['sends after its end', (peer) => peer.stream(0, 0, true).stream(4, 1)],
    ['moves its end', (peer) => peer.stream(100, 1, true).stream(50, 1, true)],
    [
      'ends within a frame',
      (peer) => peer.send({ type: 'stream', offset: 0, bytes: Uint8Array.of(0, 0, 0, 9, 1), fin: true }),
    ],
    [
      'announces too large a frame',
      (peer) => peer.send({ type: 'stream', offset: 0, bytes: Uint8Array.of(255, 0, 0, 0), fin: false }),
    ],
    [
      'announces too large a frame behind a good one',
      (peer) => peer.send({ type: 'stream', offset: 0, bytes: Uint8Array.of(0, 0, 0, 1, 7, 255, 0, 0, 0), fin: false }),
    ],
    [
      'ends within a frame behind a good one',
      (peer) => peer.send({ type: 'stream', offset: 0, bytes: Uint8Array.of(0, 0, 0, 1, 7, 0, 0, 0, 9, 1), fin: true }),
    ],
    ['says that all is done when it is not', (peer) => peer.send({ type: 'close', code: 0 })],
    ['sends a handshake frame later', (peer) => peer.send({ type: 'retry', token: new Uint8Array() })],
  ])('that %s is told so once and cut off', (_, misbehave) => {
    const peer = new HostilePeer(1);
    misbehave(peer);
    expect(peer.app.hasEnded).toBe(true);
    expect(peer.app.error).toBeDefined();
    expect(resets(peer)).toBe(1);
  });

  test('that announces too large a frame is heard up to that', () => {
    const peer = new HostilePeer(1);
    peer.send({ type: 'stream', offset: 0, bytes: Uint8Array.of(0, 0, 0, 1, 7, 255, 0, 0, 0), fin: false });
    expect(peer.app.received).toEqual([Uint8Array.of(7)]);
    expect(peer.app.error).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE' });
  });

  test('cannot shrink a window, nor end the connection with another token', () => {
    const peer = new HostilePeer(1);
    peer.send({ type: 'window', limit: 5_000 });
    peer.send({ type: 'window', limit: 10 });
    peer.send({ type: 'reset', code: 0, token: new Uint8Array(16).fill(1) });
    const sent = peer.heard.map((frame) => (frame.type === 'stream' ? frame.offset + frame.bytes.length : 0));
    expect(Math.max(...sent)).toBe(5_000);
    expect(peer.app.hasEnded).toBe(false);
  });

  test('that says everything arrived as it is sent gets no more in flight than its window', () => {
    const peer = new HostilePeer(1);
    peer.send({ type: 'window', limit: 40_000 });
    for (let number = 1; number < 200; number += 1) {
      const largest = Math.min(number, peer.highest);
      peer.send({ type: 'ack', delayUs: 0, ranges: [{ smallest: 0, largest }] });
    }
    const sent = peer.heard.map((frame) => (frame.type === 'stream' ? frame.offset + frame.bytes.length : 0));
    expect(Math.max(...sent)).toBe(40_000);
    expect(peer.app.hasEnded).toBe(false);
  });

  test('that sends crumbs with gaps between them costs no more than a bounded number of pieces', () => {
    const peer = new HostilePeer(1);
    for (let offset = 2; offset < 12_000; offset += 60) {
      const crumbs = Array.from({ length: 30 }, (_, index) => index * 2 + offset);
      peer.send(...crumbs.map((at): Frame => ({ type: 'stream', offset: at, bytes: Uint8Array.of(1), fin: false })));
    }
    const acked = peer.heard.filter((frame) => frame.type === 'ack').at(-1)!;
    expect(acked.ranges[0]!.largest).toBeLessThan(150);
    expect(peer.app.hasEnded).toBe(false);
  });

  test('that sends anything at all gets no exception out of the endpoint', () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const peer = new HostilePeer(seed);
      for (let step = 0; step < 60; step += 1) peer.send(...anyFrames(peer.random));
      if (!peer.app.hasEnded) peer.simulation.run(() => peer.app.hasEnded, 120_000);
      expect(peer.app.hasEnded).toBe(true);
    }
  });
});

function anyFrames(random: Random): Frame[] {
  const nat = (below: number) => Math.floor(random.fraction() * below);
  const smallest = nat(40);
  const choices: Frame[] = [
    { type: 'ping' },
    { type: 'ack', delayUs: nat(1e9), ranges: [{ smallest, largest: smallest + nat(5) }] },
    { type: 'window', limit: nat(1e6) },
    { type: 'stream', offset: nat(3_000), bytes: random.bytes(nat(200)).fill(0), fin: nat(50) === 0 },
    { type: 'pathChallenge', token: random.bytes(8) },
    { type: 'pathResponse', token: random.bytes(8) },
    { type: 'reminder', sender: '00000000000000ff', token: random.bytes(16) },
    { type: 'reset', code: nat(9), token: random.bytes(16) },
    ...(nat(20) === 0 ? [{ type: 'close', code: 0 } as const] : []),
  ];
  return Array.from({ length: nat(5) }, () => choices[nat(choices.length)]!);
}
