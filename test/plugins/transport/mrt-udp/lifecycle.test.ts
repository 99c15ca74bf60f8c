import { errorCode } from '../../../../src/kernel/index.ts';
import type { EndpointOptions } from '../../../../src/plugins/transport/mrt-udp/endpoint-options.ts';
import { Simulation, at, digest, type App, type Link } from './simulation.ts';

const WEEK_MS = 7 * 24 * 3_600_000;

/** Two endpoints with one open connection between them. */
function connected(link: Link = { delayMs: 10 }, options: Partial<EndpointOptions> = {}) {
  const simulation = new Simulation(7, link);
  const acceptor = simulation.endpoint(1, [], options);
  const dialler = simulation.endpoint(2, [], options);
  acceptor.accept();
  dialler.dial(at(1), simulation.now);
  expect(simulation.run(() => simulation.apps.size === 2, 20_000)).toBe(true);
  const apps = [...simulation.apps.values()];
  const near = apps.find((app) => app.connection.remote.port === 1)!;
  const far = apps.find((app) => app.connection.remote.port === 2)!;
  return { simulation, acceptor, dialler, near, far };
}

const never = () => false;
const codeOf = ({ error }: App) => errorCode(error);

describe('an MRT connection', () => {
  test('lives on through a week without a frame, and costs few packets', () => {
    const { simulation, near, far } = connected();
    const before = simulation.sentDatagrams;
    simulation.run(never, WEEK_MS);
    expect([near.hasEnded, far.hasEnded]).toEqual([false, false]);
    expect(simulation.sentDatagrams - before).toBeLessThan((4 * WEEK_MS) / 15_000);
    near.send(Uint8Array.of(1));
    expect(simulation.run(() => far.received.length === 1, 1_000)).toBe(true);
  });

  test('forgets everything within a second of both sides closing', () => {
    const { simulation, acceptor, dialler, near, far } = connected();
    near.close();
    far.close();
    simulation.run(never, 1_000);
    expect([near.error, far.error, near.hasEnded, far.hasEnded]).toEqual([undefined, undefined, true, true]);
    expect([acceptor.isEmpty, dialler.isEmpty]).toEqual([true, true]);
    expect([acceptor.pollTimeout(), dialler.pollTimeout()]).toEqual([Infinity, Infinity]);
  });

  test('finds an idle peer that vanished within 35 s', () => {
    const { simulation, near } = connected();
    simulation.remove(1);
    expect(simulation.run(() => near.hasEnded, 35_000)).toBe(true);
    expect(codeOf(near)).toBe('ERR_CONNECTION_LOST');
  });

  test('finds a peer that vanished with data in flight within 20 s', () => {
    const { simulation, near } = connected();
    simulation.remove(1);
    near.send(new Uint8Array(100));
    expect(simulation.run(() => near.hasEnded, 20_000)).toBe(true);
    expect(codeOf(near)).toBe('ERR_CONNECTION_LOST');
  });

  test('learns from a restarted peer within 2 s of sending that the connection is gone', () => {
    const { simulation, near } = connected();
    simulation.endpoint(1).accept();
    near.send(new Uint8Array(100));
    expect(simulation.run(() => near.hasEnded, 2_000)).toBe(true);
    expect(codeOf(near)).toBe('ERR_CONNECTION_LOST');
  });

  test('ends at the peer as soon as it is aborted, and again if that packet is lost, when the peer next asks', () => {
    const { simulation, near, far } = connected();
    simulation.tap = (transmit) => (transmit.datagram.length === 39 ? [] : [transmit]);
    near.connection.abort(new Error('given up'));
    simulation.run(never, 100);
    expect(far.hasEnded).toBe(false);
    simulation.tap = (transmit) => [transmit];
    expect(simulation.run(() => far.hasEnded, 20_000)).toBe(true);
    expect(codeOf(far)).toBe('ERR_CONNECTION_LOST');
  });

  test('holds a sender back whose peer does not read, probes it, and goes on when the peer reads', () => {
    const { simulation, near, far } = connected();
    far.isReading = false;
    const frames = Array.from({ length: 60 }, (_, index) => new Uint8Array(65_536).fill(index));
    near.send(...frames);
    simulation.run(never, 60_000);
    expect(near.connection.canWrite).toBe(false);
    expect(near.hasEnded).toBe(false);
    far.isReading = true;
    expect(simulation.run(() => far.received.length === 60, 10_000)).toBe(true);
    expect(digest(far.received)).toBe(digest(frames));
  });

  test('opens a window again whose news was lost', () => {
    const { simulation, near, far } = connected();
    far.isReading = false;
    near.send(...Array.from({ length: 40 }, () => new Uint8Array(65_536)));
    simulation.run(never, 30_000);
    const { tap } = simulation;
    simulation.tap = (transmit, source) => (source.port === 1 ? [] : [transmit]);
    far.isReading = true;
    simulation.run(never, 5_000);
    simulation.tap = tap;
    expect(simulation.run(() => far.received.length === 40, 10_000)).toBe(true);
  });

  test('gives close up after 5 s where the peer takes nothing', () => {
    const { simulation, near, far } = connected();
    far.isReading = false;
    near.send(...Array.from({ length: 60 }, () => new Uint8Array(65_536)));
    simulation.run(never, 10_000);
    near.connection.limitClosing(simulation.now);
    expect(simulation.run(() => near.hasEnded, 4_900)).toBe(false);
    expect(simulation.run(() => near.hasEnded, 200)).toBe(true);
    expect(codeOf(near)).toBe('ERR_CLOSE_TIMEOUT');
    expect(simulation.run(() => far.hasEnded, 1_000)).toBe(true);
  });

  test('follows its peer to another address once that is proved', () => {
    const { simulation, near, far } = connected();
    const moved = 3;
    const destinations = new Set<number>();
    simulation.endpoint(moved);
    simulation.tap = (transmit, source) => {
      if (source.port === 1) destinations.add(transmit.destination.port);
      if (source.port === 1 && transmit.destination.port === moved) {
        simulation.inject({ ...transmit, destination: at(2) }, at(1));
        return [];
      }
      if (source.port !== 2) return [transmit];
      simulation.inject(transmit, at(moved));
      return [];
    };
    near.send(new Uint8Array(2_000));
    expect(simulation.run(() => far.received.length === 1, 1_000)).toBe(true);
    simulation.run(never, 1_000);
    destinations.clear();
    far.send(new Uint8Array(2_000));
    expect(simulation.run(() => near.received.length === 1, 1_000)).toBe(true);
    expect([...destinations]).toEqual([moved]);
  });

  test('keeps to the old address while the new one proves nothing', () => {
    const { simulation, near, far } = connected();
    simulation.tap = (transmit, source) => {
      if (source.port !== 2) return transmit.destination.port === 2 ? [transmit] : [];
      simulation.inject(transmit, at(3));
      return [];
    };
    near.send(new Uint8Array(2_000));
    expect(simulation.run(() => far.received.length === 1, 1_000)).toBe(true);
    far.send(new Uint8Array(2_000));
    expect(simulation.run(() => near.received.length === 1, 1_000)).toBe(true);
  });

  test('of two dialled at once in both directions is two connections', () => {
    const simulation = new Simulation(9, { delayMs: 5 });
    for (const port of [1, 2]) simulation.endpoint(port).accept();
    const [first, second] = [1, 2].map((port) => simulation.endpoint(port, [Uint8Array.of(port)]));
    first!.accept();
    second!.accept();
    first!.dial(at(2), simulation.now);
    second!.dial(at(1), simulation.now);
    expect(
      simulation.run(
        () => [...simulation.apps.values()].filter((app) => app.received.length === 1).length === 4,
        1_000,
      ),
    ).toBe(true);
  });
});
