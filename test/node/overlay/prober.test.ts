import { Prober } from '../../../src/node/overlay/prober.ts';
import { SignsOfLife } from '../../../src/node/overlay/signs-of-life.ts';
import { keeper } from './support/keeper.ts';
import { idOf, recordOf } from './support/neighbour.ts';

const MINUTE_MS = 60_000;

async function make(members: readonly number[]) {
  const world = await keeper();
  const { clock, settings } = world;
  const signs = new SignsOfLife({ clock, settings });
  const unreachable: { readonly id: string; readonly since: number }[] = [];
  const pursued = new Set<string>();
  const prober = new Prober({
    ...world.options,
    signs,
    isPursued: ({ id }) => pursued.has(id),
    onUnreachable: ({ id }, since) => unreachable.push({ id, since }),
  });
  world.connectTo(1);
  world.know(1, ...members);
  for (const number of [1, ...members]) signs.enter(idOf(number));
  const beat = (ms: number) =>
    world.beatFor(ms, () => {
      signs.heard(idOf(1));
      prober.beat();
    });
  return { ...world, prober, signs, unreachable, pursued, beat };
}

describe('a member of which nobody tells', () => {
  test('is asked, and where it does not answer others are', async () => {
    const { dialled, unreachable, beat } = await make([2]);
    await beat(20_000);
    expect(dialled[0]).toMatchObject({ id: idOf(2) });
    expect(unreachable[0]).toEqual({ id: idOf(2), since: dialled[0]?.at });
    expect(dialled[0]?.at).toBeGreaterThanOrEqual(10_000);
  });

  test('becomes a neighbour where there are few, and only answers where there are enough', async () => {
    const few = await make([2]);
    few.reachable.add(idOf(2));
    await few.beat(30_000);
    expect([few.connections.get(idOf(2)) !== undefined, few.unreachable]).toEqual([true, []]);
    const many = await make([2]);
    for (const number of [11, 12, 13]) many.connectTo(number);
    many.reachable.add(idOf(2));
    await many.beat(30_000);
    expect([many.dialled.length > 0, many.connections.get(idOf(2)), many.unreachable]).toEqual([true, undefined, []]);
  });

  test('is left alone while somebody vouches for it, or looks for it', async () => {
    const { signs, pursued, dialled, clock, beat } = await make([2, 3]);
    pursued.add(idOf(3));
    for (let round = 0; round < 20; round++) {
      signs.vouched(idOf(2), clock.now());
      await beat(4_000);
    }
    expect(dialled).toEqual([]);
  });

  test('and told no address is found wanting at once', async () => {
    const { membership, signs, unreachable, dialled, beat } = await make([]);
    membership.learn({ ...recordOf(5), address: '' });
    signs.enter(idOf(5));
    await beat(20_000);
    expect([unreachable.length > 0, dialled]).toEqual([true, []]);
  });

  test('costs a node a few dials a minute at most, however many there are', async () => {
    const { dialled, reachable, beat, connectTo } = await make(Array.from({ length: 500 }, (_, at) => 20 + at));
    for (const number of [11, 12, 13]) connectTo(number);
    for (let number = 20; number < 520; number++) reachable.add(idOf(number));
    await beat(10 * MINUTE_MS);
    expect(dialled.length).toBeGreaterThan(40);
    expect(dialled.length).toBeLessThanOrEqual(60);
  });
});
