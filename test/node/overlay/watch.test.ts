import { OwnPace } from '../../../src/node/overlay/own-pace.ts';
import { SignsOfLife } from '../../../src/node/overlay/signs-of-life.ts';
import { Watch } from '../../../src/node/overlay/watch.ts';
import { keeper } from './support/keeper.ts';
import { hbOf, idOf, Neighbour, timnOf } from './support/neighbour.ts';

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
  return { ...world, watch, pace, signs, silent, suspected, neighbour, lookFor };
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

describe('a neighbour', () => {
  test('counts as heard for half of the time after which it is dead, by whatever way it was heard', async () => {
    const { clock, watch, signs, neighbour } = await make();
    await clock.advance(4_999);
    expect(watch.isHeard(neighbour.connection)).toBe(true);
    await clock.advance(1);
    expect(watch.isHeard(neighbour.connection)).toBe(false);
    signs.heard(idOf(1));
    expect(watch.isHeard(neighbour.connection)).toBe(true);
  });

  test('that was heard just after this node stood still may have been silent since long before', async () => {
    const { clock, watch, pace, signs, neighbour } = await make();
    pace.beat();
    await clock.advance(6_000);
    pace.beat();
    signs.heard(idOf(1));
    expect(watch.isHeard(neighbour.connection)).toBe(false);
    await clock.advance(101);
    signs.heard(idOf(1));
    expect(watch.isHeard(neighbour.connection)).toBe(true);
  });
});

describe('a node', () => {
  test('is heard of while a neighbour, heard of late, names it in its last heartbeat', async () => {
    const { clock, watch, neighbour } = await make();
    neighbour.connection.start();
    neighbour.session.say(hbOf(2, 3));
    await clock.advance(3_500);
    expect([2, 4].map((number) => watch.isHeardOf(idOf(number)))).toEqual([true, false]);
    await clock.advance(1);
    expect(watch.isHeardOf(idOf(2))).toBe(false);
  });

  test('is no longer heard of where who named it says that it is gone', async () => {
    const { clock, watch, neighbour } = await make();
    neighbour.connection.start();
    neighbour.session.say(hbOf(2, 3));
    await clock.advance(0);
    neighbour.connection.disown(idOf(2));
    expect([2, 3].map((number) => watch.isHeardOf(idOf(number)))).toEqual([false, true]);
  });

  test('is no longer heard of where it has not said a word of its own for ten minutes, whoever names it', async () => {
    const { clock, watch, signs, neighbour } = await make();
    signs.enter(idOf(2));
    neighbour.connection.start();
    neighbour.session.say(timnOf(1));
    for (let beats = 0; beats < 300; beats++) {
      neighbour.session.say(hbOf(2));
      await clock.advance(2_000);
      if (beats === 298) expect(watch.isHeardOf(idOf(2))).toBe(true);
    }
    expect(watch.isHeardOf(idOf(2))).toBe(false);
  });

  test('is not heard of by its own word alone', async () => {
    const { clock, watch, neighbour } = await make();
    neighbour.connection.start();
    neighbour.session.say(hbOf(1));
    await clock.advance(0);
    expect(watch.isHeardOf(idOf(1))).toBe(false);
  });
});
