import type { EndpointOptions } from '../../../../src/plugins/transport/mrt-udp/endpoint-options.ts';
import { Simulation, at, type Link } from './simulation.ts';

const FRAME = new Uint8Array(64 * 1024).fill(1);
const MINUTE_MS = 60_000;
const RATE = 500;

/** A connection whose dialler sends without end for a while, and the sizes of what it sent. */
function sending(link: Partial<Link>, options: Partial<EndpointOptions> = {}) {
  const simulation = new Simulation(17, { delayMs: 10, rate: RATE, queue: 200_000, ...link });
  const limits = { datagramLength: 65_507, ...options };
  simulation.endpoint(1, [], limits).accept();
  simulation.endpoint(2, [], limits).dial(at(1), simulation.now);
  simulation.run(() => simulation.apps.size === 2, 1_000);
  const apps = [...simulation.apps.values()];
  const near = apps.find((app) => app.connection.remote.port === 1)!;
  const far = apps.find((app) => app.connection.remote.port === 2)!;
  far.keepsFrames = false;
  const sizes: number[] = [];
  simulation.tap = (transmit, source) => {
    if (source.port === 2) sizes.push(transmit.datagram.length);
    return [transmit];
  };
  const run = (forMs: number) => {
    sizes.length = 0;
    near.endless = FRAME;
    simulation.run(() => false, forMs);
    return {
      largest: Math.max(...sizes.slice(-20)),
      over: (size: number) => sizes.filter((each) => each > size).length,
    };
  };
  return { near, far, run, sizes, simulation };
}

describe('path MTU discovery', () => {
  test.each([
    ['of every path', 1_200, 1_200],
    ['of a tunnel', 1_400, 1_372],
    ['of Ethernet under IPv6', 1_452, 1_452],
    ['of Ethernet', 1_472, 1_472],
    ['of jumbo frames', 9_000, 8_972],
    ['of loopback', 65_507, 65_507],
  ])('finds the largest datagram %s', (_, mtu, found) => {
    expect(sending({ mtu, rate: 25_000 }).run(400).largest).toBe(found);
  });

  test('finds it though three in ten packets are lost', () => {
    expect(sending({ mtu: 1_472, loss: 0.3 }).run(10_000).largest).toBeGreaterThan(1_200);
  });

  test('tries nothing above what leaves by the link in one piece, what the option says, or what the peer takes', () => {
    for (const options of [{ linkLimit: () => 1_472 }, { datagramLength: 1_472 }]) {
      const { sizes, run } = sending({}, options);
      run(2_000);
      expect(Math.max(...sizes)).toBe(1_472);
    }
  });

  test('sends two probes of a size at once, and then none of it for a quarter of an hour', () => {
    const { run } = sending({ mtu: 1_472, rate: 20, queue: 20_000 }, { datagramLength: 8_972 });
    expect(run(10_000).over(1_472)).toBe(2 * 2);
    expect(run(14 * MINUTE_MS).over(1_472)).toBe(0);
    expect(run(2 * MINUTE_MS).over(1_472)).toBe(2 * 2);
  });

  test('costs an idle connection nothing', () => {
    const { sizes, simulation } = sending({});
    simulation.run(() => false, MINUTE_MS);
    expect(Math.max(...sizes)).toBeLessThan(100);
  });

  test('falls back when larger datagrams begin to vanish, goes on, and finds the new limit a minute later', () => {
    const { run, far } = sending({ mtu: (now) => (now < 5_000 ? 8_972 : 1_472) });
    expect(run(3_000).largest).toBe(8_972);
    run(1_000);
    expect(run(10_000).largest).toBe(1_200);
    const before = far.receivedBytes;
    run(2_000);
    expect(far.receivedBytes - before).toBeGreaterThan(2_000 * RATE * 0.8);
    expect(run(MINUTE_MS).largest).toBe(1_472);
    expect(far.hasEnded).toBe(false);
  });

  test('takes no loss of every packet for a limit of size', () => {
    const { run } = sending({ mtu: 1_472, dead: { from: 5_000, until: 9_000 } });
    run(15_000);
    expect(run(1_000).largest).toBe(1_472);
  });
});
