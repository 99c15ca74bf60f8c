import { memoryIndex, VirtualClock } from '../../../src/kit/index.ts';
import { KnownPeers } from '../../../src/node/overlay/known-peers.ts';
import { idOf, recordOf } from './support/neighbour.ts';

function make() {
  const clock = new VirtualClock();
  const index = memoryIndex();
  return { clock, index, peers: new KnownPeers({ index, clock }) };
}

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

  test('are at most sixteen; the older are forgotten for good', async () => {
    const { clock, index, peers } = make();
    for (let number = 1; number <= 20; number++) {
      await peers.remember(recordOf(number));
      await clock.advance(1);
    }
    expect((await peers.recent()).map(({ id }) => id)).toEqual(Array.from({ length: 16 }, (_, at) => idOf(20 - at)));
    expect(await index.sublevel('peers').keys().all()).toHaveLength(16);
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
