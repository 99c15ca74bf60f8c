import { OwnPace } from '../../../src/node/overlay/own-pace.ts';
import { SignsOfLife } from '../../../src/node/overlay/signs-of-life.ts';
import { Watch } from '../../../src/node/overlay/watch.ts';
import { keeper } from './support/keeper.ts';
import { hbOf, idOf, Neighbour } from './support/neighbour.ts';

async function make() {
  const world = await keeper();
  const { clock, settings, connections } = world;
  const signs = new SignsOfLife({ clock, settings });
  const silent: { readonly at: number; readonly id: string; readonly since: number }[] = [];
  const suspected = new Set<string>();
  const pace = new OwnPace(world.options);
  const watch = new Watch({
    ...world.options,
    signs,
    pace,
    isSuspected: (id) => suspected.has(id),
    onSilent: ({ id }, since) => silent.push({ at: clock.now(), id, since }),
  });
  const neighbour = new Neighbour(1, { clock });
  connections.add(neighbour.connection);
  world.know(1);
  signs.enter(idOf(1));
  /** Looks each second, as often as the test needs to see when. */
  const lookFor = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await clock.advance(1_000);
      pace.beat();
      watch.look(neighbour.connection);
    }
    await clock.advance(0);
  };
  return { ...world, watch, signs, silent, suspected, neighbour, lookFor };
}

describe('a neighbour that is silent', () => {
  test('is asked by a session of its own, then all are asked about it', async () => {
    const { dialled, silent, lookFor } = await make();
    await lookFor(6);
    expect(dialled[0]).toEqual({ at: 4_000, id: idOf(1) });
    expect(silent).toEqual([
      { at: 5_000, id: idOf(1), since: 0 },
      { at: 6_000, id: idOf(1), since: 0 },
    ]);
  });

  test('and answers is not suspected', async () => {
    const { reachable, silent, lookFor } = await make();
    reachable.add(idOf(1));
    await lookFor(8);
    expect(silent).toEqual([]);
  });

  test('for a moment is left alone', async () => {
    const { dialled, lookFor } = await make();
    await lookFor(3);
    expect(dialled).toEqual([]);
  });

  test('makes whoever only it named be asked, and asked about, in the same way: they may have died together', async () => {
    const { neighbour, know, signs, clock, dialled, silent, lookFor } = await make();
    know(2);
    signs.enter(idOf(2));
    neighbour.connection.start();
    await clock.advance(1_000);
    neighbour.session.say(hbOf(0, 2));
    await clock.advance(0);
    signs.vouched(idOf(2), neighbour.connection.lastHeard);
    await lookFor(5);
    expect(dialled.find(({ id }) => id === idOf(2))).toEqual({ at: 5_000, id: idOf(2) });
    expect(silent.filter(({ id }) => id === idOf(2))).toEqual([{ at: 6_000, id: idOf(2), since: 1_000 }]);
  });

  test('leaves those alone of whom others tell', async () => {
    const { neighbour, know, signs, clock, dialled, silent, lookFor } = await make();
    know(2);
    signs.enter(idOf(2));
    neighbour.connection.start();
    neighbour.session.say(hbOf(0, 2));
    for (let second = 0; second < 5; second++) {
      signs.vouched(idOf(2), clock.now());
      await lookFor(1);
    }
    expect([...dialled, ...silent].filter(({ id }) => id === idOf(2))).toEqual([]);
    expect(silent.length).toBeGreaterThan(0);
  });

  test('is replaced by two of those it named and two others before its time is over, once, and by nobody suspected', async () => {
    const { neighbour, know, signs, reachable, suspected, connections, dialled, lookFor } = await make();
    const all = Array.from({ length: 12 }, (_, at) => 2 + at);
    know(...all);
    for (const number of all) {
      reachable.add(idOf(number));
      signs.enter(idOf(number));
    }
    for (const number of [2, 5, 6]) suspected.add(idOf(number));
    neighbour.connection.start();
    neighbour.session.say(hbOf(0, 1, 2, 3, 4));
    await lookFor(9);
    const reached = [...connections].map(({ peer }) => parseInt(peer, 16)).filter((number) => number !== 1);
    expect(reached).toEqual(expect.arrayContaining([3, 4]));
    expect(reached.length).toBeGreaterThanOrEqual(3);
    expect(reached.length).toBeLessThanOrEqual(4);
    for (const number of [2, 5, 6]) expect(reached).not.toContain(number);
    // Those it named were asked before, once, and answered.
    const byThen = dialled.filter(({ id, at }) => id !== idOf(1) && at >= 6_000 && at < 8_000);
    expect(byThen).toHaveLength(reached.length);
  });
});
