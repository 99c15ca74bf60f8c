import { KernelError } from '../../../src/kernel/index.ts';
import { AbsentPeers } from '../../../src/node/overlay/absent-peers.ts';
import { keeper } from './support/keeper.ts';
import { idOf, recordOf } from './support/neighbour.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function make(given: Parameters<typeof keeper>[0] = {}) {
  const world = await keeper(given);
  const absent = new AbsentPeers(world.options);
  return { ...world, absent, beat: (ms: number) => world.beatFor(ms, () => absent.beat()) };
}

describe('a node that is gone', () => {
  test('is dialled again ever more rarely, by a node that has others', async () => {
    const { absent, dialled, connectTo, know, beat } = await make();
    connectTo(1);
    know(1);
    absent.add(recordOf(2));
    await beat(MINUTE_MS);
    const early = dialled.length;
    await beat(HOUR_MS);
    const before = dialled.length;
    await beat(HOUR_MS);
    expect(early).toBeGreaterThanOrEqual(3);
    expect(early).toBeLessThanOrEqual(6);
    expect(dialled.length - before).toBeGreaterThanOrEqual(5);
    expect(dialled.length - before).toBeLessThanOrEqual(13);
  });

  test('is dialled the more rarely by each, the more nodes there are to do so', async () => {
    const { absent, dialled, connectTo, know, beat } = await make();
    connectTo(1);
    know(...Array.from({ length: 60 }, (_, at) => 10 + at));
    absent.add(recordOf(2));
    await beat(8 * MINUTE_MS);
    expect(dialled.length).toBeLessThanOrEqual(2);
  });

  test('is not dialled when it is back', async () => {
    const { absent, dialled, beat } = await make();
    absent.add(recordOf(2));
    absent.remove(idOf(2));
    await beat(HOUR_MS);
    expect(dialled).toEqual([]);
  });

  test('and told no address is nobody to dial', async () => {
    const { absent, dialled, beat } = await make();
    absent.add({ ...recordOf(2), address: '' });
    await beat(HOUR_MS);
    expect(dialled).toEqual([]);
  });

  test('is forgotten after a day', async () => {
    const { absent, dialled, connectTo, beat, clock } = await make();
    connectTo(1);
    absent.add(recordOf(2));
    await clock.advance(24 * HOUR_MS + 1);
    await beat(HOUR_MS);
    expect(dialled).toEqual([]);
  });

  test('is dialled by the one of the higher port at once, by the other a moment later', async () => {
    const first = async (port: number) => {
      const { absent, dialled, beat } = await make({ port });
      absent.add(recordOf(2));
      await beat(MINUTE_MS);
      return dialled[0]?.at ?? NaN;
    };
    expect((await first(7_000)) - (await first(9_000))).toBe(2_000);
  });
});

describe('many nodes that are gone', () => {
  const many = Array.from({ length: 300 }, (_, at) => recordOf(1_000 + at));

  test('cost a node that has others no more than eight dials a minute', async () => {
    const { absent, dialled, connectTo, beat } = await make();
    connectTo(1);
    for (const record of many) absent.add(record);
    await beat(10 * MINUTE_MS);
    expect(dialled.length).toBeGreaterThan(60);
    expect(dialled.length).toBeLessThanOrEqual(80);
  });

  test('cost a node that has nobody no more than its budget', async () => {
    const { absent, dialled, beat } = await make();
    for (const record of many) absent.add(record);
    await beat(10 * MINUTE_MS);
    expect(dialled.length).toBeGreaterThan(290);
    expect(dialled.length).toBeLessThanOrEqual(30 + 300);
  });

  test('are remembered up to a limit, the latest', async () => {
    const { absent, reachable, connections, beat } = await make();
    reachable.add(idOf(1_000));
    for (const record of many) absent.add(record);
    await beat(HOUR_MS);
    expect(connections.size).toBe(0);
  });
});

describe('a node without any neighbour', () => {
  test('finds one within half a minute of its being back, however long that took', async () => {
    const { absent, reachable, connections, beat } = await make();
    for (const number of [2, 3, 4, 5]) absent.add(recordOf(number));
    await beat(HOUR_MS);
    reachable.add(idOf(4));
    await beat(32_000);
    expect(connections.get(idOf(4))).toBeDefined();
  });

  test('dials the neighbours of its last run at once, and all it remembers again', async () => {
    const { absent, dialled, beat, clock } = await make();
    absent.remembered(Array.from({ length: 20 }, (_, at) => recordOf(10 + at)));
    await clock.advance(0);
    expect(dialled.map(({ id }) => id)).toEqual(Array.from({ length: 16 }, (_, at) => idOf(10 + at)));
    await beat(5 * MINUTE_MS);
    expect(new Set(dialled.map(({ id }) => id)).size).toBe(20);
  });

  test('leaves no timer when it closes in the middle of a wait', async () => {
    const { absent, lifetime, clock, beat } = await make({ port: 1 });
    absent.add(recordOf(2));
    await beat(4_000);
    lifetime.abort(new KernelError('ERR_CLOSED', 'over'));
    await absent.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
