import { memoryIndex } from '../../../src/kit/index.ts';
import { KnownPeers } from '../../../src/node/overlay/known-peers.ts';
import { OwnPace } from '../../../src/node/overlay/own-pace.ts';
import { Upkeep } from '../../../src/node/overlay/upkeep.ts';
import { keeper } from './support/keeper.ts';
import { Neighbour, idOf, recordOf } from './support/neighbour.ts';

/** A node that is stopped again and again, so that it never holds a silence against anybody by itself; it has lost the connection to a neighbour. */
async function makeStarved({ isReported }: { readonly isReported: boolean }) {
  const world = await keeper();
  const { clock, lifetime } = world;
  const pace = new OwnPace(world.options);
  const left: { readonly at: number; readonly id: string }[] = [];
  const upkeep = new Upkeep({
    ...world.options,
    pace,
    ranked: [],
    knownPeers: new KnownPeers({ index: memoryIndex(), clock }),
    gossip: {
      declareLeft: ({ id }) => left.push({ at: clock.now(), id }),
      suspect: () => undefined,
      settleDisputes: () => undefined,
    },
  });
  world.know(1);
  upkeep.joined(recordOf(1));
  const { connection } = new Neighbour(1, { clock });
  if (isReported) connection.reportedGone();
  upkeep.ended('lost', connection);
  for (let stops = 0; stops < 15; stops++) {
    pace.beat();
    await clock.advance(4_000);
  }
  lifetime.abort(new Error('over'));
  await upkeep.close();
  return left;
}

describe('a neighbour that is missed by a node which is stopped again and again', () => {
  test('is not declared gone by that node alone', async () => {
    expect(await makeStarved({ isReported: false })).toEqual([]);
  });

  test('is gone when its time is over where others said so before', async () => {
    expect((await makeStarved({ isReported: true }))[0]).toEqual({ at: 10_000, id: idOf(1) });
  });
});
