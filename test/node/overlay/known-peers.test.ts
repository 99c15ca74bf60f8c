import { memoryIndex, VirtualClock } from '../../../src/kit/index.ts';
import { KnownPeers } from '../../../src/node/overlay/known-peers.ts';
import type { NodeRecord } from '../../../src/node/records.ts';
import { idOf, recordOf } from './support/neighbour.ts';

function make() {
  const clock = new VirtualClock();
  const index = memoryIndex();
  return { clock, index, peers: new KnownPeers({ index, clock }) };
}

const rememberAll = (peers: KnownPeers, members: readonly NodeRecord[]) =>
  peers.rememberAll(members, (id) => members.some((member) => member.id === id));

describe('the neighbours a node had', () => {
  test('come back latest first', async () => {
    const { clock, index, peers } = make();
    for (const number of [1, 2, 1]) {
      await peers.remember(recordOf(number));
      await clock.advance(1);
    }
    const again = new KnownPeers({ index, clock });
    expect((await again.recent()).map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
  });

  test('are at most sixty-four; the older are forgotten for good', async () => {
    const { clock, index, peers } = make();
    for (let number = 1; number <= 70; number++) {
      await peers.remember(recordOf(number));
      await clock.advance(1);
    }
    const again = new KnownPeers({ index, clock });
    expect((await again.recent()).map(({ id }) => id)).toEqual(Array.from({ length: 64 }, (_, at) => idOf(70 - at)));
    expect(await index.sublevel('peers').keys().all()).toHaveLength(64);
  });

  test('come before others that were members', async () => {
    const { clock, index, peers } = make();
    await peers.remember(recordOf(1));
    await clock.advance(1);
    await rememberAll(peers, [recordOf(1), recordOf(2)]);
    const again = new KnownPeers({ index, clock });
    expect((await again.recent()).map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
  });

  test('leave others only the room there is, and who is a member no more makes room', async () => {
    const { clock, index, peers } = make();
    const members = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => recordOf(from + at));
    await peers.remember(recordOf(1));
    await rememberAll(peers, members(2, 200));
    await rememberAll(peers, members(12, 300));
    const ids = (await new KnownPeers({ index, clock }).recent()).map(({ id }) => id);
    expect(ids).toHaveLength(64);
    expect(ids[0]).toBe(idOf(1));
    expect(ids).not.toContain(idOf(11));
    expect(ids).toContain(idOf(12));
  });

  test('are found where they are now', async () => {
    const { clock, index, peers } = make();
    await peers.remember(recordOf(1));
    await rememberAll(peers, [{ ...recordOf(1), address: '10.9.9.9:9' }]);
    expect(await new KnownPeers({ index, clock }).recent()).toEqual([{ id: idOf(1), address: '10.9.9.9:9' }]);
  });

  test('are not remembered without an address', async () => {
    const { peers } = make();
    await peers.remember({ ...recordOf(1), address: '' });
    expect(await peers.recent()).toEqual([]);
  });

  test('do without rows that are damaged, which go', async () => {
    const { index, peers } = make();
    const rows = index.sublevel<string, unknown>('peers', { valueEncoding: 'json' });
    await rows.put(idOf(1), { address: 7 });
    await peers.remember(recordOf(2));
    expect((await peers.recent()).map(({ id }) => id)).toEqual([idOf(2)]);
    expect(await rows.keys().all()).toEqual([idOf(2)]);
  });
});
