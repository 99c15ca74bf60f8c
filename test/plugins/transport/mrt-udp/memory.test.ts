import { Simulation, at, type App, type Link } from './simulation.ts';

const KIB = 1024;
const CONNECTIONS = 20;
const LIMIT = 1024 * KIB;
/** What each connection may hold whatever the others do, and the packet and blocks it then has begun. */
const OWN = 64 * KIB + 2 * 16 * KIB;

/** Connections from port 2 to port 1, both with little memory. */
function connected(link: Partial<Link> = {}) {
  const simulation = new Simulation(3, { delayMs: 5, ...link });
  const acceptor = simulation.endpoint(1, [], { socketMemory: LIMIT });
  acceptor.accept();
  const dialler = simulation.endpoint(2, [], { socketMemory: LIMIT });
  for (let count = 0; count < CONNECTIONS; count++) dialler.dial(at(1), simulation.now);
  simulation.run(() => simulation.apps.size === 2 * CONNECTIONS, 1_000);
  const apps = [...simulation.apps.values()];
  const far = apps.filter((app) => app.connection.remote.port === 2);
  const near = apps.filter((app) => app.connection.remote.port === 1);
  return { simulation, acceptor, dialler, near, far };
}

/** The most that `held` says while the simulation runs. */
function mostHeld(simulation: Simulation, held: () => number, forMs: number): number {
  let most = 0;
  const isDone = () => {
    most = Math.max(most, held());
    return false;
  };
  simulation.run(isDone, forMs);
  return most;
}

const frames = (count: number) => Array.from({ length: count }, (_, index) => new Uint8Array(32 * KIB).fill(index));
const hasAll = (apps: readonly App[], count: number) => apps.every(({ received }) => received.length === count);

describe('the memory of a socket', () => {
  test('is bounded where nobody reads, and everything arrives once they do', () => {
    const { simulation, acceptor, near, far } = connected();
    for (const app of far) app.isReading = false;
    for (const app of near) app.send(...frames(40));
    expect(mostHeld(simulation, () => acceptor.held, 20_000)).toBeLessThan(LIMIT + CONNECTIONS * OWN);
    for (const app of far) app.isReading = true;
    expect(simulation.run(() => hasAll(far, 40), 120_000)).toBe(true);
    expect(near.every(({ hasEnded }) => !hasEnded)).toBe(true);
  });

  test('is not held by frames of which each connection has a part and none the whole', () => {
    const { simulation, acceptor, near, far } = connected();
    const frame = new Uint8Array(256 * KIB).fill(7);
    for (const app of near) app.send(frame, frame);
    expect(mostHeld(simulation, () => acceptor.held, 5_000)).toBeLessThan(LIMIT + CONNECTIONS * OWN + frame.length);
    expect(simulation.run(() => hasAll(far, 2), 120_000)).toBe(true);
  });

  test('is bounded where packets are lost, and what waits for them too', () => {
    const { simulation, acceptor, near, far } = connected({ loss: 0.1, rate: 2_000, queue: 100_000 });
    for (const app of far) app.isReading = false;
    for (const app of near) app.send(...frames(20));
    expect(mostHeld(simulation, () => acceptor.held, 10_000)).toBeLessThan(LIMIT + CONNECTIONS * OWN);
    for (const app of far) app.isReading = true;
    expect(simulation.run(() => hasAll(far, 20), 300_000)).toBe(true);
  });

  test('is bounded where nothing is acknowledged: whoever sends has to wait', () => {
    const { simulation, dialler, near } = connected();
    simulation.tap = (transmit, source) => (source.port === 2 ? [transmit] : []);
    for (const app of near) app.send(...frames(200));
    // A frame that was begun is written whole.
    expect(mostHeld(simulation, () => dialler.held, 10_000)).toBeLessThan(LIMIT + CONNECTIONS * (OWN + 32 * KIB));
    expect(near.some(({ connection }) => connection.canWrite)).toBe(false);
  });

  test('is given back by connections that end', () => {
    const { simulation, acceptor, dialler, near, far } = connected();
    for (const app of far) app.isReading = false;
    for (const app of near) app.send(...frames(10));
    simulation.run(() => false, 5_000);
    expect(acceptor.held).toBeGreaterThan(0);
    for (const app of near) app.connection.abort(new Error('done'));
    simulation.run(() => far.every(({ hasEnded }) => hasEnded), 20_000);
    simulation.run(() => false, 10_000);
    expect([acceptor.held, dialler.held]).toEqual([0, 0]);
  });
});
