import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { contentOf } from './support/holders.ts';
import { manifestOf, recordOf } from './support/memory-files.ts';
import { PIECE, TestNetwork, type TestNode } from './support/test-network.ts';
import { decodeManifest } from '../../../src/node/pieces/manifest.ts';

const SIZE = 3 * PIECE;

/** Many files of a holder that serves one at a time; in pieces, or known as wholes only. */
function createScene({ count = 12, uploads = 1, inPieces = true } = {}) {
  const network = new TestNetwork();
  const fetcher = network.node(1);
  const holder = network.node(2, { settings: { uploads } });
  const bytes = contentOf(SIZE);
  const add = ({ files }: TestNode, name: string) => {
    const record = recordOf(name, bytes);
    return inPieces ? files.addInPieces(record, bytes, PIECE) : files.add(record, bytes);
  };
  const records = Array.from({ length: count }, (_, index) => add(holder, `file ${index}`));
  return { network, fetcher, holder, bytes, records, add };
}

describe.each([
  ['in pieces', true],
  ['as wholes', false],
])('of a holder that has room for one at a time, fetched %s', (_what, inPieces) => {
  test('all files come that are asked for at once', async () => {
    const { network, fetcher, holder, bytes, records } = createScene({ inPieces });
    const fetched = Promise.all(records.map((record) => fetcher.transfers.fetch(record, [holder.id])));
    await network.until(fetched);
    for (const { name } of records) expectContent(fetcher, name, bytes);
    expect(holder.logger.named('transfer.refused').length).toBeGreaterThan(0);
    expect(fetcher.logger.named('transfer.failover')).toEqual([]);
    await expectNoTrace(network, fetcher, holder);
  });

  test('a file comes from another at once, where that has room', async () => {
    const { network, fetcher, holder, bytes, records, add } = createScene({ inPieces });
    const roomy = network.node(3);
    const [record] = records;
    add(roomy, record!.name);
    await takeAllRoom(network, holder, record!.name);
    const { seconds, sources } = await network.until(fetcher.transfers.fetch(record!, [holder.id, roomy.id]));
    expectContent(fetcher, record!.name, bytes);
    expect(sources).toEqual({ [roomy.id]: SIZE });
    expect(seconds).toBeLessThan(0.2);
  });

  test('the wait for room ends with the holder', async () => {
    const { network, fetcher, holder, records } = createScene({ inPieces });
    await takeAllRoom(network, holder, records[0]!.name);
    const fetched = fetcher.transfers.fetch(records[0]!, [holder.id]);
    fetched.catch(() => undefined);
    await network.clock.advance(20_000);
    await holder.transfers.close();
    network.wall(fetcher.id, holder.id);
    await expectCode(network.until(fetched), 'ERR_NO_SOURCE');
    await expectNoTrace(network, fetcher);
  });

  test('the wait for room can be given up', async () => {
    const { network, fetcher, holder, records } = createScene({ inPieces });
    await takeAllRoom(network, holder, records[0]!.name);
    const giveUp = new AbortController();
    const fetched = fetcher.transfers.fetch(records[0]!, [holder.id], { signal: giveUp.signal });
    fetched.catch(() => undefined);
    await network.clock.advance(1_000);
    giveUp.abort(new Error('enough'));
    await expect(network.until(fetched)).rejects.toThrow('enough');
    await expectNoTrace(network, fetcher);
  });
});

test('a holder without room is asked less and less often', async () => {
  const { network, fetcher, holder, records } = createScene();
  await takeAllRoom(network, holder, records[0]!.name);
  const giveUp = new AbortController();
  const fetched = fetcher.transfers.fetch(records[0]!, [holder.id], { signal: giveUp.signal });
  fetched.catch(() => undefined);
  await network.clock.advance(25_000);
  const soon = holder.logger.named('transfer.refused').length;
  expect(soon).toBeGreaterThan(3);
  expect(soon).toBeLessThan(40);
  giveUp.abort(new Error('enough'));
  await network.settle();
});

test('a challenge waits for room, and is no failure to show', async () => {
  const { network, fetcher, holder, bytes, records } = createScene();
  const [record] = records;
  const manifest = decodeManifest(manifestOf(recordOf(record!.name, bytes), bytes, PIECE));
  const others = records.slice(1).map((each) => fetcher.transfers.fetch(each, [holder.id]));
  const shown = fetcher.transfers.challenge(record!, holder.id, { manifest, pieces: [0, 2] });
  await network.until(Promise.all([shown, ...others]));
  await expectNoTrace(network, fetcher, holder);
});

test('copies that others keep take no room of who asks', async () => {
  const { network, fetcher, holder, bytes, records } = createScene();
  const keeper = network.scripted(7, async (peer) => {
    const { record, transfer } = await peer.nextOf('KEEP');
    const { name, checksum } = record;
    await peer.send({ type: 'SMFX', address: '192.0.2.7:1', name, transfer, checksum, parts: false });
  });
  // Rejects when the holder is closed, at the end.
  holder.transfers.keep(records[0]!, [keeper]).catch(() => undefined);
  await network.settle();
  expect(holder.transfers.isServing).toBe(false);
  await network.until(fetcher.transfers.fetch(records[1]!, [holder.id]));
  expectContent(fetcher, records[1]!.name, bytes);
  expect(holder.logger.named('transfer.refused')).toEqual([]);
  await holder.transfers.close();
});

/** A peer asks for a file and goes on taking it, bit by bit, for as long as time passes. */
async function takeAllRoom(network: TestNetwork, holder: TestNode, name: string): Promise<void> {
  const peer = network.dialFrom(
    network.scripted(9, () => undefined),
    holder.id,
  );
  const transfer = 'a'.repeat(32);
  await peer.send({ type: 'SMFX', address: '192.0.2.9:1', name, transfer, checksum: '', parts: false });
  const take = () => {
    void peer.send({ type: 'REQUEST', transfer, position: 0, length: 1 }).catch(() => undefined);
    void peer.next().catch(() => undefined);
    if (!peer.session.ended) network.clock.setTimer(200, take);
  };
  take();
  await network.settle();
}
