import { ReceiveWindow } from '../../../../src/plugins/transport/mrt-udp/receive-window.ts';
import { decodeFrames } from '../../../../src/plugins/transport/mrt-udp/frames.ts';
import { decodePacket } from '../../../../src/plugins/transport/mrt-udp/packet.ts';
import { Simulation, at, type Link } from './simulation.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('the receive window', () => {
  const read = (window: ReceiveWindow, rounds: readonly number[], isScarce = false) => {
    let consumed = 0;
    for (const [index, bytes] of [0, ...rounds].entries()) window.adapt((consumed += bytes), isScarce, index * 10);
    return window.size;
  };

  test('begins with 1 MiB and stays there while little is read', () => {
    expect(read(new ReceiveWindow(16 * MIB), [])).toBe(MIB);
    expect(read(new ReceiveWindow(16 * MIB), [10 * KIB, 64 * KIB, 3 * KIB])).toBe(MIB);
    expect(read(new ReceiveWindow(100 * KIB), [])).toBe(100 * KIB);
  });

  test('is 16 times what was read in a round trip, up to its limit', () => {
    expect(read(new ReceiveWindow(16 * MIB), [128 * KIB])).toBe(2 * MIB);
    expect(read(new ReceiveWindow(16 * MIB), [64 * KIB, 256 * KIB, 100])).toBe(4 * MIB);
    expect(read(new ReceiveWindow(3 * MIB), [64 * KIB, MIB])).toBe(3 * MIB);
  });

  test('is what it was at first while memory is scarce', () => {
    expect(read(new ReceiveWindow(16 * MIB), [4 * MIB], true)).toBe(MIB);
  });

  test('measures whole round trips alone', () => {
    const window = new ReceiveWindow(16 * MIB);
    window.adapt(0, false, 100);
    expect(window.isRoundOver(50, 149)).toBe(false);
    expect(window.isRoundOver(50, 150)).toBe(true);
  });
});

/** A transfer from port 2 to port 1: the largest window beyond what was read that port 1 advertised, and the speed once `startMs` are over. */
function transfer(link: Link, { startMs, forMs }: { startMs: number; forMs: number }, isReading = true) {
  const simulation = new Simulation(11, link);
  const options = { receiveWindow: 16 * MIB, datagramLength: 1_472 };
  simulation.endpoint(1, [], options).accept();
  simulation.endpoint(2, [], options).dial(at(1), simulation.now);
  simulation.run(() => simulation.apps.size === 2, 5_000);
  const apps = [...simulation.apps.values()];
  const near = apps.find(({ connection }) => connection.remote.port === 1)!;
  const far = apps.find(({ connection }) => connection.remote.port === 2)!;
  let window = 0;
  simulation.tap = (transmit, source) => {
    const packet = decodePacket(new Uint8Array(transmit.datagram));
    if (source.port === 1 && typeof packet !== 'string') {
      for (const frame of decodeFrames(packet.payload))
        if (frame.type === 'window') window = Math.max(window, frame.limit - far.receivedBytes);
    }
    return [transmit];
  };
  far.isReading = isReading;
  far.keepsFrames = false;
  near.endless = new Uint8Array(64 * KIB);
  simulation.run(() => false, startMs);
  const before = far.receivedBytes;
  simulation.run(() => false, forMs);
  return { window, mbit: ((far.receivedBytes - before) * 8) / forMs / 1_000 };
}

describe('between two ends', () => {
  test('grows to what a long fast path takes: 400 Mbit/s over 100 ms there and back, which 4 MiB would keep at 335', () => {
    const { window, mbit } = transfer({ delayMs: 50, rate: 50_000, queue: 5_000_000 }, { startMs: 2_000, forMs: 250 });
    expect(window).toBeGreaterThan(5 * MIB);
    expect(mbit).toBeGreaterThan(335);
  });

  test('stays far below its limit on a slow path', () => {
    const { window, mbit } = transfer({ delayMs: 10, rate: 1_250, queue: 25_000 }, { startMs: 1_000, forMs: 3_000 });
    expect(window).toBeLessThan(2 * MIB);
    expect(mbit).toBeGreaterThan(9);
  });

  test('stays small where nobody reads', () => {
    const { window } = transfer({ delayMs: 10, rate: 12_500, queue: 250_000 }, { startMs: 0, forMs: 3_000 }, false);
    expect(window).toBeLessThan(MIB + KIB);
  });

  test('lets one frame of the largest length through whatever its size', () => {
    const simulation = new Simulation(12, { delayMs: 10 });
    simulation.endpoint(1).accept();
    simulation.endpoint(2, [new Uint8Array(MIB).fill(7)]).dial(at(1), simulation.now);
    const received = () => [...simulation.apps.values()].flatMap((app) => app.received);
    expect(simulation.run(() => received().length === 1, 5_000)).toBe(true);
    expect(received()[0]).toHaveLength(MIB);
  });
});
