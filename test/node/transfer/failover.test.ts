import { KernelError } from '../../../src/kernel/index.ts';
import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { createHolders } from './support/holders.ts';
import { recordOf } from './support/memory-files.ts';
import { PIECE, idOf } from './support/test-network.ts';

describe('failover', () => {
  test('asks the next holder only for what is missing when one is lost in mid-file', async () => {
    const { network, fetcher, bytes, record, ids, sources } = createHolders({ holders: 2 });
    const fetched = fetcher.transfers.fetch(record, ids, {
      onProgress: ({ received }) => {
        if (received === 10 * PIECE) network.dials[0]!.ends[1].abort(new KernelError('ERR_CONNECTION_LOST', 'killed'));
      },
    });
    const outcome = await fetched;
    expectContent(fetcher, record.name, bytes);
    expect(fetcher.files.writtenBytes).toBe(record.size);
    expect(Object.values(outcome.sources).reduce((sum, count) => sum + count)).toBe(record.size);
    expect(outcome.sources[ids[1]!]).toBeGreaterThan(0);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('moves on when a holder sends nothing for the time allowed', async () => {
    const { network, fetcher, bytes, record, ids } = createHolders({ size: 50 * PIECE });
    const silent = network.scripted(9, async (peer) => {
      const { transfer, position, length } = await peer.nextOf('REQUEST');
      await peer.send({ type: 'DATA', transfer, position, bytes: bytes.slice(position, position + length) });
    });
    const fetched = fetcher.transfers.fetch(record, [silent, ...ids]);
    await network.clock.advance(9_999);
    expect(fetcher.files.records.size).toBe(0);
    await network.clock.advance(1);
    expect(await fetched).toEqual({ seconds: 10, sources: { [silent]: PIECE, [ids[0]!]: 49 * PIECE } });
  });

  test('is not hurried by its own slow disk, and reads no more than that can take', async () => {
    const { network, fetcher, record, bytes, ids } = createHolders();
    fetcher.files.beforeWrite = () => new Promise((resolve) => network.clock.setTimer(11_000, resolve));
    const fetched = fetcher.transfers.fetch(record, ids);
    await network.clock.advance(600_000);
    await fetched;
    expect(fetcher.files.mostWrites).toBe(8);
    expectContent(fetcher, record.name, bytes);
  });

  test('names each holder and why when none is left', async () => {
    const { network, fetcher, record, ids, sources } = createHolders({ holders: 2 });
    network.wall(fetcher.id, ids[0]!);
    sources[1]!.files.records.clear();
    const error = await expectCode(fetcher.transfers.fetch(record, [...ids, idOf(77)]), 'ERR_NO_SOURCE');
    expect(error.message).toContain(`${ids[0]!}: ERR_DIAL_FAILED`);
    expect(error.message).toContain(`${ids[1]!}: ERR_NO_SUCH_FILE`);
    expect(error.message).toContain(`${idOf(77)}: ERR_NO_SUCH_PEER`);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('leaves nothing when the only holder vanishes in mid-transfer', async () => {
    const { network, fetcher, record, ids, sources } = createHolders();
    const fetched = fetcher.transfers.fetch(record, ids, {
      onProgress: () => network.dials[0]!.ends[1].abort(new KernelError('ERR_CONNECTION_LOST', 'killed')),
    });
    await expectCode(fetched, 'ERR_NO_SOURCE');
    expect(fetcher.files.records.size).toBe(0);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('asks for it all again, elsewhere, where the content was wrong, and names the source', async () => {
    const { network, fetcher, bytes, record, ids, sources } = createHolders({ holders: 2 });
    sources[0]!.files.onRead = (read, position) => (position === 3 * PIECE ? read.map((byte) => byte ^ 1) : read);
    const outcome = await fetcher.transfers.fetch(record, ids);
    expectContent(fetcher, record.name, bytes);
    expect(outcome.sources).toEqual({ [ids[1]!]: record.size });
    expect(fetcher.logger.named('transfer.checksum_failed').map(({ fields }) => fields['peers'])).toEqual([[ids[0]]]);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test.each([
    ['once', 1],
    ['each time', 9],
  ])('finds the honest one of two whose parts together are wrong, where the liar is lost %s', async (_, losses) => {
    const { network, fetcher, bytes, record, ids, sources } = createHolders({ holders: 2 });
    sources[0]!.files.onRead = (read) => read.map((byte) => byte ^ 1);
    let lost = 0;
    const outcome = await fetcher.transfers.fetch(record, ids, {
      onProgress: ({ received, source }) => {
        const [, end] = network.dials.findLast(({ to }) => to === ids[0])!.ends;
        if (source !== ids[0] || received < 10 * PIECE || lost >= losses || end.ended) return;
        lost++;
        end.abort(new KernelError('ERR_CONNECTION_LOST', 'killed'));
      },
    });
    expectContent(fetcher, record.name, bytes);
    expect(outcome.sources).toEqual({ [ids[1]!]: record.size });
    // Never is what the liar left behind mixed with what an honest one sends after it.
    expect(lost).toBe(Math.min(losses, 2));
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('ends at once with the disk failure when the disk is full in mid-transfer', async () => {
    const { network, fetcher, record, ids, sources } = createHolders({ holders: 2 });
    fetcher.files.failWrite = (written) =>
      written >= 5 * PIECE ? new KernelError('ERR_DISK_FULL', 'no space left') : undefined;
    await expectCode(fetcher.transfers.fetch(record, ids), 'ERR_DISK_FULL');
    expect(network.dials).toHaveLength(1);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('refuses a name that may not be kept before anybody is asked', async () => {
    const { network, fetcher, ids } = createHolders();
    await expectCode(fetcher.transfers.fetch(recordOf('../x', new Uint8Array(1)), ids), 'ERR_NAME');
    expect(network.dials).toHaveLength(0);
  });
});
