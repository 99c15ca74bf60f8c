import { OwnPace } from '../../../src/node/overlay/own-pace.ts';
import { SignsOfLife } from '../../../src/node/overlay/signs-of-life.ts';
import { Watch } from '../../../src/node/overlay/watch.ts';
import { keeper } from './support/keeper.ts';
import { hbOf, idOf, Neighbour } from './support/neighbour.ts';

async function make() {
  const world = await keeper();
  const { clock, settings, connections } = world;
  const signs = new SignsOfLife({ clock, settings });
  const silent: { readonly at: number; readonly since: number }[] = [];
  const suspected = new Set<string>();
  const pace = new OwnPace(world.options);
  const watch = new Watch({
    ...world.options,
    signs,
    pace,
    isSuspected: (id) => suspected.has(id),
    onSilent: (_record, since) => silent.push({ at: clock.now(), since }),
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
      { at: 5_000, since: 0 },
      { at: 6_000, since: 0 },
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

  test('is replaced by two of those it named and two others before its time is over, once, and by nobody suspected', async () => {
    const { neighbour, know, reachable, suspected, connections, dialled, lookFor } = await make();
    const all = Array.from({ length: 12 }, (_, at) => 2 + at);
    know(...all);
    for (const number of all) reachable.add(idOf(number));
    for (const number of [2, 5, 6]) suspected.add(idOf(number));
    neighbour.connection.start();
    neighbour.session.say(hbOf(0, 1, 2, 3, 4));
    await lookFor(9);
    const reached = [...connections].map(({ peer }) => parseInt(peer, 16)).filter((number) => number !== 1);
    expect(reached).toEqual(expect.arrayContaining([3, 4]));
    expect(reached.length).toBeGreaterThanOrEqual(3);
    expect(reached.length).toBeLessThanOrEqual(4);
    for (const number of [2, 5, 6]) expect(reached).not.toContain(number);
    expect(dialled.filter(({ id }) => id !== idOf(1))).toHaveLength(reached.length);
  });
});
