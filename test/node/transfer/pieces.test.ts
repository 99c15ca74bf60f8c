import { KernelError } from '../../../src/kernel/index.ts';
import { deferred } from '../../../src/kit/deferred.ts';
import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { createPieceHolders } from './support/holders.ts';
import { manifestOf, recordOf } from './support/memory-files.ts';
import { PIECE } from './support/test-network.ts';

const total = (sources: Record<string, number>) => Object.values(sources).reduce((sum, count) => sum + count, 0);

describe('a file in pieces', () => {
  test.each([
    ['of some pieces', 40 * PIECE + 17],
    ['of one piece', 5],
    ['of no bytes', 0],
  ])('%s comes with its manifest', async (_, size) => {
    const { network, fetcher, bytes, record, ids, sources } = createPieceHolders({ size });
    const outcome = await fetcher.transfers.fetch(record, ids);
    expect(outcome.sources).toEqual(size === 0 ? {} : { [ids[0]!]: size });
    expectContent(fetcher, record.name, bytes);
    expect(fetcher.files.manifests.has(record.manifest)).toBe(true);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test.each([
    ['a piece', 20 * 64 * PIECE, 64 * PIECE],
    ['the manifest', 600 * PIECE, PIECE],
  ])('comes through a tunnel, whose frames do not hold %s', async (_, size, pieceLength) => {
    const { network, fetcher, bytes, record, ids, sources } = createPieceHolders({ size, pieceLength });
    network.wall(fetcher.id, ids[0]!);
    network.wall(ids[0]!, fetcher.id);
    network.tunnel(fetcher.id, ids[0]!);
    await fetcher.transfers.fetch(record, ids);
    expectContent(fetcher, record.name, bytes);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('comes from several holders at once, each giving a part', async () => {
    const line = { delayMs: 5, bytesPerSecond: 1e6 };
    const { network, fetcher, bytes, record, ids, sources } = createPieceHolders({
      size: 400 * PIECE,
      holders: 4,
      line,
    });
    const fetched = fetcher.transfers.fetch(record, ids);
    await network.clock.advance(2_000);
    const outcome = await fetched;
    for (const id of ids) expect(outcome.sources[id]).toBeGreaterThan(50 * PIECE);
    expect(total(outcome.sources)).toBe(record.size);
    expectContent(fetcher, record.name, bytes);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('of few pieces is asked of few holders', async () => {
    const { network, fetcher, record, ids } = createPieceHolders({ size: 5 * PIECE, holders: 4 });
    await fetcher.transfers.fetch(record, ids);
    expect(network.dials.length).toBeLessThanOrEqual(2);
  });

  test('is had of an offer too', async () => {
    const { network, fetcher, bytes, record, sources } = createPieceHolders();
    const results = await sources[0]!.transfers.offer(record, [fetcher.id]);
    expect(results).toEqual([{ id: fetcher.id, result: 'received' }]);
    expectContent(fetcher, record.name, bytes);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('takes no place of its holder while it is put in its place', async () => {
    const { fetcher, record, ids, sources, network } = createPieceHolders();
    const held = deferred<undefined>();
    fetcher.files.beforeCommit = () => held.promise;
    const fetched = fetcher.transfers.fetch(record, ids);
    await network.settle();
    expect([fetcher.transfers.active, sources[0]!.transfers.active]).toEqual([1, 0]);
    held.resolve(undefined);
    await fetched;
  });

  test('shows progress that never falls', async () => {
    const { fetcher, record, ids } = createPieceHolders({ holders: 2 });
    const seen: number[] = [];
    await fetcher.transfers.fetch(record, ids, { onProgress: ({ received }) => seen.push(received) });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(record.size);
  });
});

describe('the manifest', () => {
  test('is asked of the next holder where one does not have it', async () => {
    const { fetcher, record, ids, sources } = createPieceHolders({ holders: 2 });
    sources[0]!.files.manifests.clear();
    const { sources: given } = await fetcher.transfers.fetch(record, ids);
    expect(total(given)).toBe(record.size);
    expect(fetcher.files.records.get(record.name)?.manifest).toBe(record.manifest);
  });

  test('is asked of the next holder where one is silent, as an older node is, and that one still gives pieces', async () => {
    const { network, fetcher, bytes, record, ids } = createPieceHolders();
    const older = network.scripted(9, async (peer) => {
      for (;;) {
        const { transfer, position, length } = await peer.nextOf('REQUEST');
        await peer.send({ type: 'DATA', transfer, position, bytes: bytes.slice(position, position + length) });
      }
    });
    const fetched = fetcher.transfers.fetch(record, [older, ...ids]);
    await network.clock.advance(3_100);
    const outcome = await fetched;
    expect(outcome.sources[older]).toBeGreaterThan(0);
    expect(total(outcome.sources)).toBe(record.size);
  });

  test('that nobody has leaves the file to be had as a whole, and verified so', async () => {
    const { network, fetcher, bytes, record, ids, sources } = createPieceHolders({ holders: 2 });
    for (const { files } of sources) files.manifests.clear();
    await fetcher.transfers.fetch(record, ids);
    expectContent(fetcher, record.name, bytes);
    expect(fetcher.files.writtenBytes).toBe(record.size);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('that is not that of the record ends the fetch with ERR_MANIFEST', async () => {
    const { fetcher, bytes, record, ids, sources } = createPieceHolders();
    const other = manifestOf({ ...record, name: 'other' }, bytes, PIECE);
    const lie = sources[0]!.files.addInPieces(recordOf('other', bytes), bytes, PIECE).manifest;
    sources[0]!.files.manifests.set(lie, other);
    const lying = sources[0]!.files.add({ ...record, manifest: lie }, bytes);
    await expectCode(fetcher.transfers.fetch(lying, ids), 'ERR_MANIFEST');
    expect(fetcher.files.writtenBytes).toBe(0);
  });
});

describe('what was verified', () => {
  test('is not fetched again where a holder is lost in mid-file', async () => {
    const { network, fetcher, bytes, record, ids, sources } = createPieceHolders({ holders: 2 });
    let lost = false;
    const outcome = await fetcher.transfers.fetch(record, ids, {
      onProgress: ({ received }) => {
        if (received < 10 * PIECE || lost) return;
        lost = true;
        for (const { to, ends } of network.dials)
          if (to === ids[0]) ends[1].abort(new KernelError('ERR_CONNECTION_LOST', 'killed'));
      },
    });
    expectContent(fetcher, record.name, bytes);
    expect(fetcher.files.writtenBytes).toBe(record.size);
    expect(outcome.sources[ids[1]!]).toBeGreaterThan(0);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test.each([20, 100, 180])(
    'is kept where the fetch is given up after %i pieces of 200, and not fetched again',
    async (pieces) => {
      const { network, fetcher, bytes, record, ids, sources } = createPieceHolders({ size: 200 * PIECE });
      const controller = new AbortController();
      const fetched = fetcher.transfers.fetch(record, ids, {
        signal: controller.signal,
        onProgress: ({ received }) => {
          if (received >= pieces * PIECE) controller.abort(new KernelError('ERR_ABORTED', 'enough'));
        },
      });
      await expectCode(fetched, 'ERR_ABORTED');
      await expectNoTrace(network, fetcher, ...sources);
      const first: number[] = [];
      await fetcher.transfers.fetch(record, ids, { onProgress: ({ received }) => first.push(received) });
      expect(first[0]).toBeGreaterThan(pieces * PIECE);
      expect(fetcher.files.writtenBytes).toBe(record.size);
      expectContent(fetcher, record.name, bytes);
    },
  );

  test('is kept where the disk fails, whose failure is told', async () => {
    const { network, fetcher, record, ids, sources } = createPieceHolders({ holders: 2 });
    fetcher.files.failWrite = (written) =>
      written >= 5 * PIECE ? new KernelError('ERR_DISK_FULL', 'no space left') : undefined;
    await expectCode(fetcher.transfers.fetch(record, ids), 'ERR_DISK_FULL');
    expect(fetcher.files.suspended.has(record.manifest)).toBe(true);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('and is all there needs no holder', async () => {
    const { network, fetcher, bytes, record, encoded } = createPieceHolders();
    fetcher.files.manifests.set(record.manifest, encoded);
    fetcher.files.suspended.set(record.manifest, { bytes, held: Buffer.from('ffffffffff80', 'hex') });
    await fetcher.transfers.fetch(record, []);
    expectContent(fetcher, record.name, bytes);
    expect(network.dials).toHaveLength(0);
  });
});

describe('a wrong piece', () => {
  const flip = (bytes: Uint8Array) => bytes.map((byte, index) => (index === 3 ? byte ^ 1 : byte));

  test('is thrown away, its source named and left out, and the download goes on', async () => {
    const { network, fetcher, bytes, record, ids, sources } = createPieceHolders({ holders: 2 });
    sources[0]!.files.onRead = (read, position) => (position === 3 * PIECE ? flip(read) : read);
    const outcome = await fetcher.transfers.fetch(record, ids);
    expectContent(fetcher, record.name, bytes);
    expect(total(outcome.sources)).toBe(record.size);
    expect(fetcher.files.writtenBytes).toBe(record.size);
    const [rejected, ...more] = fetcher.logger.named('transfer.piece_rejected');
    expect([rejected?.fields, more]).toEqual([expect.objectContaining({ peer: ids[0], piece: 3 }), []]);
    expect(fetcher.warnings).toMatchObject([{ code: 'ERR_CHECKSUM' }]);
    expect(fetcher.warnings[0]?.message).toContain(ids[0]!);
    // Other files may still come from it: its connection stays.
    expect(network.dials.find(({ to }) => to === ids[0])?.ends[0].ended).toBe(false);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('now and then does not stop a download that has no other source', async () => {
    const { fetcher, bytes, record, ids, sources } = createPieceHolders({ size: 200 * PIECE });
    let reads = 0;
    sources[0]!.files.onRead = (read) => (++reads % 30 === 0 ? flip(read) : read);
    await fetcher.transfers.fetch(record, ids);
    expectContent(fetcher, record.name, bytes);
    expect(fetcher.files.writtenBytes).toBe(record.size);
  });

  test('every time ends the fetch with ERR_NO_SOURCE', async () => {
    const { fetcher, record, ids, sources } = createPieceHolders();
    sources[0]!.files.onRead = flip;
    const error = await expectCode(fetcher.transfers.fetch(record, ids), 'ERR_NO_SOURCE');
    expect(error.message).toContain(`${ids[0]!}: ERR_CHECKSUM`);
    expect(fetcher.files.writtenBytes).toBe(0);
  });
});
