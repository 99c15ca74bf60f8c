import type { KernelError, NodeId } from '../../../src/kernel/index.ts';
import { seededRandom, VirtualClock } from '../../../src/kit/index.ts';
import type { SendResult } from '../../../src/node/api.ts';
import type { FileRecord } from '../../../src/node/records.ts';
import { Replicator } from '../../../src/node/replication/replicator.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { recordOf } from '../transfer/support/memory-files.ts';

const SELF = 'a'.repeat(32);
const NEIGHBOUR = 'b'.repeat(32);
const OTHER = 'c'.repeat(32);

/** A name is left at rest for a turn, and looked at in the next. */
const TWO_TURNS_MS = 2_500;

/** Somebody was asked to keep a file, and has not answered. */
interface Asked {
  readonly name: string;
  readonly peer: NodeId;
  answer(result: SendResult['result']): void;
}

/** A node that wrote so many files, which nobody else has, and what it asks of others. */
function createScene(files: number, neighbours: readonly NodeId[] = [NEIGHBOUR]) {
  const clock = new VirtualClock();
  const records = new Map<string, FileRecord>();
  for (let index = 0; index < files; index++) {
    const name = `file ${index}`;
    records.set(name, { ...recordOf(name, new Uint8Array([index]), SELF), manifest: 'd'.repeat(64) });
  }
  const keepers = new Map<string, NodeId[]>();
  const fetchers: NodeId[] = [];
  const asked: Asked[] = [];
  const state = { isServing: false, lookedAt: 0 };
  const replicator = new Replicator({
    self: SELF,
    wanted: 2,
    index: {
      names: () => records.keys(),
      entries: (name) => {
        state.lookedAt++;
        const record = records.get(name);
        return record === undefined ? [] : [{ record, holders: [SELF], current: true, conflict: false }];
      },
      holdersOf: ({ name }) => [SELF, ...(keepers.get(name) ?? [])],
      keepersOf: ({ name }) => keepers.get(name) ?? [],
      fetchersOf: () => fetchers,
      statementsOf: () => [],
      holdingsOf: () => ({ files: 0, bytes: 0, replicaBytes: 0 }),
      isOutdated: () => false,
    },
    transfers: {
      keep: ({ name }, [peer = ''], { signal }) =>
        new Promise((resolve, reject) => {
          const giveUp = () => reject(signal.reason as KernelError);
          signal.addEventListener('abort', giveUp, { once: true });
          const answer = (result: SendResult['result']) => {
            signal.removeEventListener('abort', giveUp);
            if (result === 'received') keepers.set(name, [peer]);
            resolve([{ id: peer, result }]);
          };
          asked.push({ name, peer, answer });
        }),
      drop: async () => [],
    },
    isServing: () => state.isServing,
    dropOwn: async () => undefined,
    neighbours: () => neighbours,
    zoneOf: () => undefined,
    clock,
    random: seededRandom(1),
    logger: new RecordingLogger(),
  });
  replicator.start();
  return { clock, asked, fetchers, replicator, state };
}

describe('a replicator', () => {
  test('asks four at once, and for the next as soon as one answers', async () => {
    const { clock, asked, replicator } = createScene(20);
    await clock.advance(TWO_TURNS_MS);
    expect(asked).toHaveLength(4);
    for (let answered = 0; answered < 16; answered++) {
      asked[answered]!.answer('received');
      await clock.advance(0);
      expect(asked).toHaveLength(answered + 5);
    }
    expect(new Set(asked.map(({ name }) => name)).size).toBe(20);
    await replicator.close();
  });

  test('asks for one at a time while files go out to who asked for them', async () => {
    const { clock, asked, replicator, state } = createScene(20);
    state.isServing = true;
    await clock.advance(5_000);
    expect(asked).toHaveLength(1);
    asked[0]!.answer('received');
    await clock.advance(0);
    expect(asked).toHaveLength(2);
    state.isServing = false;
    asked[1]!.answer('received');
    await clock.advance(0);
    expect(asked).toHaveLength(6);
    await replicator.close();
  });

  test('asks nobody who is fetching the file', async () => {
    const { clock, asked, fetchers, replicator } = createScene(1, [NEIGHBOUR, OTHER]);
    fetchers.push(NEIGHBOUR);
    await clock.advance(TWO_TURNS_MS);
    expect(asked.map(({ peer }) => peer)).toEqual([OTHER]);
    await replicator.close();
  });

  test('asks another at the next turn where one refuses', async () => {
    const { clock, asked, replicator } = createScene(1, [NEIGHBOUR, OTHER]);
    await clock.advance(TWO_TURNS_MS);
    asked[0]!.answer('ERR_QUOTA');
    await clock.advance(TWO_TURNS_MS);
    expect(asked.map(({ peer }) => peer)).toEqual([NEIGHBOUR, OTHER]);
    await replicator.close();
  });

  test('asks a node that has no room again within seconds, and one that refuses not for half a minute', async () => {
    const { clock, asked, replicator } = createScene(1);
    await clock.advance(TWO_TURNS_MS);
    asked[0]!.answer('ERR_LIMIT');
    await clock.advance(4_000);
    expect(asked).toHaveLength(2);
    asked[1]!.answer('ERR_QUOTA');
    await clock.advance(29_000);
    expect(asked).toHaveLength(2);
    await clock.advance(15_000);
    expect(asked).toHaveLength(3);
    await replicator.close();
  });

  test('counts refusals of what was asked at the same time once', async () => {
    const { clock, asked, replicator } = createScene(4);
    await clock.advance(TWO_TURNS_MS);
    for (const each of asked.slice()) each.answer('ERR_QUOTA');
    await clock.advance(45_000);
    expect(asked.length).toBeGreaterThan(4);
    await replicator.close();
  });

  test('looks at a few hundred names a second where there are thousands and nobody to ask', async () => {
    const { clock, asked, replicator, state } = createScene(5_000);
    await clock.advance(TWO_TURNS_MS);
    for (const each of asked.slice()) each.answer('ERR_QUOTA');
    await clock.advance(0);
    expect(state.lookedAt).toBeLessThan(1_500);
    const before = state.lookedAt;
    await clock.advance(1_000);
    expect(state.lookedAt - before).toBeLessThan(600);
    await replicator.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
