import { KernelError, type NodeId } from '../../../src/kernel/index.ts';
import { seededRandom } from '../../../src/kit/index.ts';
import { expectContent, expectNoTrace } from './support/expectations.ts';
import { recordOf } from './support/memory-files.ts';
import { PIECE, TestNetwork, type TestNode } from './support/test-network.ts';

type Fault = (scene: { readonly holder: TestNode; readonly network: TestNetwork; readonly after: number }) => void;

/** What may be wrong with a holder. The first leaves it honest. */
const faults: Record<string, Fault> = {
  honest: () => undefined,
  lacksIt: ({ holder }) => holder.files.records.clear(),
  flipsABit: ({ holder }) =>
    (holder.files.onRead = (bytes, at) => (at % 3 === 0 ? bytes.map((byte) => byte ^ 4) : bytes)),
  shrinks: ({ holder, after }) => (holder.files.onRead = (bytes, at) => (at >= after ? bytes.slice(1) : bytes)),
  hangs: ({ holder, after }) => {
    let served = 0;
    holder.files.onRead = (bytes) => ((served += bytes.length) > after ? new Promise(() => undefined) : bytes);
  },
  dies: ({ holder, network, after }) => {
    let served = 0;
    holder.files.onRead = (bytes) => {
      const cut = (served += bytes.length) > after;
      if (cut)
        for (const { to, ends } of network.dials)
          if (to === holder.id) ends[1].abort(new KernelError('ERR_CONNECTION_LOST', 'killed'));
      return bytes;
    };
  },
  closes: ({ holder, after }) => {
    let served = 0;
    holder.files.onRead = (bytes) => {
      if ((served += bytes.length) > after) void holder.transfers.close();
      return bytes;
    };
  },
};

/** Three holders with faults at random, and a fetcher whose disk may fail; what must hold whatever the seed. */
async function runSeed(seed: number, inPieces: boolean): Promise<string> {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.fraction() * items.length)] as T;
  const network = new TestNetwork();
  const fetcher = network.node(1);
  const size = pick([0, 1, PIECE, Math.floor(random.fraction() * 90 * PIECE)]);
  const bytes = random.bytes(size);
  const plain = recordOf('file', bytes);
  let record = plain;
  const chosen = [2, 3, 4].map(() => pick(Object.keys(faults)));
  const holders = chosen.map((fault, index) => {
    const holder = network.node(index + 2);
    record = inPieces ? holder.files.addInPieces(plain, bytes, PIECE) : holder.files.add(plain, bytes);
    if (random.fraction() < 0.3) {
      network.tunnel(fetcher.id, holder.id);
      network.wall(fetcher.id, holder.id);
      if (random.fraction() < 0.5) network.wall(holder.id, fetcher.id);
    }
    faults[fault]?.({ holder, network, after: Math.floor(random.fraction() * size) });
    return holder;
  });
  const diskFails = random.fraction() < 0.15;
  const failsAt = Math.floor(random.fraction() * size);
  if (diskFails)
    fetcher.files.failWrite = (written) => (written >= failsAt ? new KernelError('ERR_DISK_FULL', 'full') : undefined);

  let outcome: { sources: Record<NodeId, number> } | KernelError | undefined;
  void fetcher.transfers
    .fetch(
      record,
      holders.map(({ id }) => id),
    )
    .then(
      (value) => (outcome = value),
      (error: unknown) => (outcome = error as KernelError),
    );
  await network.clock.advance(300_000);

  if (outcome === undefined) throw new Error('the fetch never settled');
  if (outcome instanceof KernelError) {
    expect(fetcher.files.records.size).toBe(0);
    expect(diskFails ? ['ERR_DISK_FULL', 'ERR_NO_SOURCE'] : ['ERR_NO_SOURCE']).toContain(outcome.code);
    if (!diskFails) expect(chosen).not.toContain('honest');
  } else {
    expectContent(fetcher, 'file', bytes);
    expect(Object.values(outcome.sources).reduce((sum, count) => sum + count, 0)).toBe(size);
  }
  await expectNoTrace(network, fetcher);
  await fetcher.transfers.close();
  return outcome instanceof KernelError ? outcome.code : 'received';
}

test.each([
  ['as a whole', false],
  ['in pieces', true],
])('whatever fails, a fetch %s ends with the exact content or with a code and no trace', async (_, inPieces) => {
  const outcomes = new Map<string, number>();
  for (let seed = 1; seed <= 60; seed++) {
    const outcome = await runSeed(seed, inPieces).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  // All ends occur, so that the seeds are worth their time.
  expect([...outcomes.keys()].toSorted()).toEqual(['ERR_DISK_FULL', 'ERR_NO_SOURCE', 'received']);
});
