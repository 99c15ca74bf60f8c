import { VirtualClock } from '../../src/kit/index.ts';
import { Life } from '../../src/sim/network/mortal-world.ts';
import type { SimulatedNetwork } from '../../src/sim/network/simulated-network.ts';
import { lookForUnknownDeath } from '../../src/sim/run/deaths-known.ts';

const DEAD_MS = 10_000;
const DIED_AT = 5_000;

/** A network of a node that died and one that may list it, and stands still as the test says. Looked at when the dead one should be known. */
function make() {
  const clock = new VirtualClock();
  const life = new Life();
  const told: string[] = [];
  const witness = {
    name: 'n1',
    upSince: 0,
    lastStop: { until: -Infinity, ms: 0 },
    node: { peers: () => (witness.lists ? [{ id: 'dead' }] : []) },
    whenRunning: (callback: () => void) => life.whenRunning(callback),
    lists: true,
    stop: (ms: number) => {
      life.stop();
      witness.lastStop = { until: clock.now() + ms, ms };
      clock.setTimer(ms, () => life.proceed());
    },
  };
  const dead = { id: 'dead', isUp: false, diedAt: DIED_AT };
  const network = { clock, settings: { deadMs: DEAD_MS }, running: [witness], node: () => dead };
  const look = () => lookForUnknownDeath(network as unknown as SimulatedNetwork, 'n2', (text) => told.push(text));
  return { clock, witness, dead, told, look };
}

describe('a node that still lists a dead one', () => {
  test('is told of at once where it ran all the time', async () => {
    const { clock, told, look } = make();
    await clock.advance(DIED_AT + DEAD_MS);
    look();
    expect(told).toEqual(['n1 lists n2, which died 10 s ago']);
  });

  test('is left out where it came up since', async () => {
    const { clock, witness, told, look } = make();
    await clock.advance(DIED_AT + DEAD_MS);
    witness.upSince = DIED_AT;
    look();
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });

  test('has half as long again where it stood still meanwhile', async () => {
    const { clock, witness, told, look } = make();
    await clock.advance(DIED_AT + 1_000);
    witness.stop(4_000);
    await clock.advance(DEAD_MS - 1_000);
    look();
    await clock.advance(5_149);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['n1 lists n2, which died 15.15 s ago']);
  });

  test('has until it has run for a moment where it stands still then', async () => {
    const { clock, witness, told, look } = make();
    await clock.advance(DIED_AT + 1_000);
    witness.stop(4_000);
    await clock.advance(DEAD_MS - 1_000);
    look();
    await clock.advance(4_900);
    witness.stop(1_000);
    await clock.advance(1_100);
    witness.stop(1_000);
    await clock.advance(1_100);
    witness.lists = false;
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });

  test('is left out where it stood still for longer than that', async () => {
    const { clock, witness, told, look } = make();
    await clock.advance(DIED_AT + 1_000);
    witness.stop(DEAD_MS / 2 + 1);
    await clock.advance(DEAD_MS - 1_000);
    look();
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });

  test('is right where the dead one has started again', async () => {
    const { clock, dead, told, look } = make();
    await clock.advance(DIED_AT + DEAD_MS);
    dead.isUp = true;
    look();
    expect(told).toEqual([]);
  });
});
