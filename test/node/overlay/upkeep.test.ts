import { memoryIndex } from '../../../src/kit/index.ts';
import { KnownPeers } from '../../../src/node/overlay/known-peers.ts';
import { OwnPace } from '../../../src/node/overlay/own-pace.ts';
import { Upkeep } from '../../../src/node/overlay/upkeep.ts';
import { keeper } from './support/keeper.ts';
import { Neighbour, hbOf, idOf, recordOf, timnOf } from './support/neighbour.ts';

/** The upkeep of a node, and whom it declares gone. */
function make(world: Awaited<ReturnType<typeof keeper>>, pace: OwnPace) {
  const { clock } = world;
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
  return { upkeep, left };
}

/** A node that is stopped again and again, so that it never holds a silence against anybody by itself; it has lost the connection to a neighbour. */
async function makeStarved({ isReported }: { readonly isReported: boolean }) {
  const world = await keeper();
  const { clock, lifetime } = world;
  const pace = new OwnPace(world.options);
  const { upkeep, left } = make(world, pace);
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

/** A node with one neighbour, heard for 4 s more or all the time, that could not reach another of which nobody tells, and that is there again or not. */
async function makeCutOff({
  hearsNeighbour,
  returns,
}: {
  readonly hearsNeighbour: boolean;
  readonly returns: boolean;
}) {
  const world = await keeper();
  const { clock, lifetime, connections, reachable, settings } = world;
  const { upkeep, left } = make(world, new OwnPace(world.options));
  const { connection, session } = new Neighbour(1, { clock });
  connections.add(connection);
  connection.start();
  session.say(timnOf(1));
  world.know(1, 2);
  for (const number of [1, 2]) upkeep.joined(recordOf(number));
  const beatFor = async (ms: number, isHeard: boolean) => {
    await world.beatFor(ms, () => {
      if (isHeard) session.say(hbOf());
      upkeep.beat();
    });
  };
  for (let beats = 0; beats < 20 && world.dialled.length === 0; beats++) await beatFor(settings.heartbeatMs, true);
  const askedAt = world.dialled[0]!.at;
  await beatFor(4_000, true);
  if (returns) reachable.add(idOf(2));
  await beatFor(askedAt + settings.deadMs - clock.now(), hearsNeighbour);
  lifetime.abort(new Error('over'));
  await upkeep.close();
  return { left, askedAt };
}

describe('a node of which nobody tells, and that could not be reached', () => {
  test('is gone when its time is over and nobody said otherwise', async () => {
    const { left, askedAt } = await makeCutOff({ hearsNeighbour: true, returns: true });
    expect(left).toEqual([{ at: askedAt + 10_000, id: idOf(2) }]);
  });

  test('is asked once more by a node to which no neighbour could have said otherwise', async () => {
    expect((await makeCutOff({ hearsNeighbour: false, returns: true })).left).toEqual([]);
    const { left, askedAt } = await makeCutOff({ hearsNeighbour: false, returns: false });
    expect(left).toEqual([{ at: askedAt + 10_000, id: idOf(2) }]);
  });
});
