import { expectContent, expectNoTrace } from './support/expectations.ts';
import { contentOf, createPieceHolders } from './support/holders.ts';
import { recordOf } from './support/memory-files.ts';
import { PIECE, inOrder, type TestNetwork } from './support/test-network.ts';

const DELAY_MS = 10;
const ROUND_TRIP = (2 * DELAY_MS) / 1_000;

const inTime = <T>(network: TestNetwork, work: Promise<T>) => network.until(work, { stepMs: 1 });

/** A holder of a small file, whom the fetcher has a connection with. The fetcher itself would cut the file in pieces of `usualLength`. */
async function createScene({ size = PIECE, pieceLength = PIECE, usualLength = PIECE, isSmallTaken = false } = {}) {
  const scene = createPieceHolders({
    pieceStrategy: { ...inOrder, pieceLength: () => usualLength },
    line: { delayMs: DELAY_MS },
    isSmallTaken,
  });
  const { network, fetcher, record: first, ids, sources } = scene;
  const [holder] = sources as [(typeof sources)[number]];
  await inTime(network, fetcher.transfers.fetch(first, ids));
  const bytes = contentOf(size);
  const record = holder.files.addInPieces(recordOf('small', bytes), bytes, pieceLength);
  return { ...scene, holder, bytes, record, fetch: () => inTime(network, fetcher.transfers.fetch(record, ids)) };
}

describe.each([false, true])('a file that is likely to be one piece (and is taken whole: %s)', (isSmallTaken) => {
  test('comes with its manifest, in the time of one question and its answer', async () => {
    const { network, fetcher, holder, bytes, record, ids, fetch } = await createScene({ isSmallTaken });
    expect(await fetch()).toEqual({ seconds: ROUND_TRIP, sources: { [ids[0]!]: PIECE } });
    expectContent(fetcher, record.name, bytes);
    await network.clock.advance(DELAY_MS);
    await expectNoTrace(network, fetcher, holder);
  });

  test('is not asked for before its manifest where some of it may be here already', async () => {
    const { fetcher, fetch } = await createScene({ isSmallTaken });
    fetcher.files.mayReuse = true;
    expect((await fetch()).seconds).toBe(2 * ROUND_TRIP);
  });

  test('and has several comes all the same', async () => {
    const { network, fetcher, holder, bytes, record, ids, fetch } = await createScene({
      isSmallTaken,
      size: 5 * PIECE,
      usualLength: 64 * PIECE,
    });
    expect((await fetch()).sources).toEqual({ [ids[0]!]: record.size });
    expectContent(fetcher, record.name, bytes);
    await network.clock.advance(DELAY_MS);
    await expectNoTrace(network, fetcher, holder);
  });

  test('and is wrong is thrown away, and its source named', async () => {
    const { network, fetcher, holder, fetch } = await createScene({ isSmallTaken });
    holder.files.onRead = (bytes) => bytes.map((byte) => byte ^ 1);
    await expect(fetch()).rejects.toMatchObject({ code: 'ERR_NO_SOURCE' });
    expect(fetcher.logger.named('transfer.piece_rejected').map(({ fields }) => fields['peer'])).toContain(holder.id);
    await network.clock.advance(DELAY_MS);
    await expectNoTrace(network, fetcher, holder);
  });

  test('whose manifest the holder lacks comes as a whole', async () => {
    const { network, fetcher, holder, bytes, record, fetch } = await createScene({ isSmallTaken });
    holder.files.manifests.delete(record.manifest);
    await fetch();
    expectContent(fetcher, record.name, bytes);
    await network.clock.advance(DELAY_MS);
    await expectNoTrace(network, fetcher, holder);
  });
});

test('a file of several pieces is asked for when its manifest has come', async () => {
  const { fetch } = await createScene({ size: 2 * PIECE });
  expect((await fetch()).seconds).toBe(2 * ROUND_TRIP);
});
