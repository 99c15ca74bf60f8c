import { Simulation, at } from './simulation.ts';

/** How long a frame takes, in milliseconds, on a connection that has been used; `lost` of its last packets vanish once. */
function frameMs(delayMs: number, length: number, lost: number): number {
  const simulation = new Simulation(21, { delayMs });
  const options = { datagramLength: 1_472 };
  simulation.endpoint(1, [], options).accept();
  simulation.endpoint(2, [], options).dial(at(1), simulation.now);
  simulation.run(() => simulation.apps.size === 2, 5_000);
  const apps = [...simulation.apps.values()];
  const near = apps.find(({ connection }) => connection.remote.port === 1)!;
  const far = apps.find(({ connection }) => connection.remote.port === 2)!;
  for (let count = 1; count <= 20; count++) {
    near.send(new Uint8Array(20_000));
    simulation.run(() => far.received.length === count, 5_000);
    simulation.run(() => false, 5 * delayMs);
  }
  const started = simulation.now;
  const packets = Math.ceil(length / 1_440);
  let sent = 0;
  simulation.tap = (transmit, source) => {
    if (source.port !== 2 || transmit.datagram.length < 200) return [transmit];
    sent += 1;
    return sent > packets - lost && sent <= packets ? [] : [transmit];
  };
  near.send(new Uint8Array(length));
  simulation.run(() => far.received.length === 21, 60_000);
  return simulation.now - started;
}

describe('the last packets of a frame, lost', () => {
  test.each([
    [100, 14_000, 1, 1.5],
    [25, 14_000, 1, 2],
    [25, 1_000, 1, 2],
    [25, 14_000, 3, 3],
    [5, 14_000, 1, 2.5],
    [1, 14_000, 1, 3.5],
  ])(
    'cost at %d ms each way, of %d bytes %d packet: no more than %d round trips',
    (delayMs, length, lost, roundTrips) => {
      const usual = frameMs(delayMs, length, 0);
      expect(frameMs(delayMs, length, lost) - usual).toBeLessThanOrEqual(roundTrips * 2 * delayMs);
    },
  );
});
