import { getEventListeners } from 'node:events';
import { KernelError } from '../../../src/kernel/index.ts';
import type { TransferProgress } from '../../../src/node/api.ts';
import { encodeMessage } from '../../../src/node/messages/codec.ts';
import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { createHolders } from './support/holders.ts';
import { recordOf } from './support/memory-files.ts';
import { PIECE } from './support/test-network.ts';

describe('fetch', () => {
  test.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 300 * PIECE + 5])('brings a file of %i bytes', async (size) => {
    const { network, fetcher, bytes, record, sources, ids } = createHolders({ size });
    const outcome = await fetcher.transfers.fetch(record, ids);
    expectContent(fetcher, record.name, bytes);
    expect(outcome.sources).toEqual(size === 0 ? {} : { [ids[0] as string]: size });
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('reports progress up to the size', async () => {
    const { fetcher, record, ids } = createHolders();
    const seen: TransferProgress[] = [];
    await fetcher.transfers.fetch(record, ids, { onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ received }) => received)).toEqual(
      seen.map(({ received }) => received).toSorted((a, b) => a - b),
    );
    expect(seen.at(-1)).toEqual({ received: record.size, size: record.size, source: ids[0] });
  });

  test('asks for no more than the window at a time', async () => {
    const { network, fetcher, record, bytes } = createHolders({ size: 500 * PIECE });
    const open: { position: number; length: number; transfer: string }[] = [];
    let mostOpen = 0;
    const holder = network.scripted(9, async (peer) => {
      await peer.nextOf('SMFX');
      for (let received = 0; received < record.size; received += PIECE) {
        open.push(await peer.nextOf('REQUEST'));
        mostOpen = Math.max(mostOpen, open.length);
      }
    });
    const fetched = fetcher.transfers.fetch(record, [holder]);
    for (let sent = 0; sent < record.size; sent += PIECE) {
      await network.settle();
      const { transfer, position, length } = open.shift()!;
      const data = { type: 'DATA', transfer, position, bytes: bytes.slice(position, position + length) } as const;
      await network.dials[0]!.ends[1].send(encodeMessage(data));
    }
    await fetched;
    expect(mostOpen).toBe(64);
  });

  test('keeps the connection for the next file, and closes it when none comes', async () => {
    const { network, fetcher, record, ids, sources } = createHolders();
    const other = sources[0]!.files.add(recordOf('other', new Uint8Array(9)), new Uint8Array(9));
    await fetcher.transfers.fetch(record, ids);
    await network.clock.advance(29_000);
    await fetcher.transfers.fetch(other, ids);
    expect(network.dials).toHaveLength(1);
    await network.clock.advance(30_000);
    expect(network.dials[0]!.ends.map(({ ended }) => ended)).toEqual([true, true]);
    expect(network.clock.pendingTimers).toBe(0);
  });

  test('dials again where the holder had left the connection that was kept', async () => {
    const { network, fetcher, record, bytes, ids, sources } = createHolders();
    const other = sources[0]!.files.add(recordOf('other', bytes), bytes);
    await fetcher.transfers.fetch(record, ids);
    // The holder forgets the connection and nobody is told: what is sent on it goes nowhere.
    network.dials[0]!.ends[0].filter = () => undefined;
    const fetched = fetcher.transfers.fetch(other, ids);
    await network.clock.advance(10_000);
    await fetched;
    expect(network.dials).toHaveLength(2);
  });

  test('runs different files in parallel over one connection', async () => {
    const { network, fetcher, ids, sources } = createHolders();
    const files = Array.from({ length: 20 }, (_, index) => {
      const bytes = network.random.bytes(index * PIECE);
      return { bytes, record: sources[0]!.files.add(recordOf(`file ${index}`, bytes), bytes) };
    });
    await Promise.all(files.map(({ record }) => fetcher.transfers.fetch(record, ids)));
    for (const { record, bytes } of files) expectContent(fetcher, record.name, bytes);
    expect(network.dials).toHaveLength(1);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('shares one download among those who want the same content', async () => {
    const { fetcher, record, ids } = createHolders();
    const progress: number[] = [];
    const [first, second] = await Promise.all([
      fetcher.transfers.fetch(record, ids),
      fetcher.transfers.fetch(record, ids, { onProgress: ({ received }) => progress.push(received) }),
    ]);
    expect(second).toEqual(first);
    expect(fetcher.files.writtenBytes).toBe(record.size);
    expect(progress.at(-1)).toBe(record.size);
  });

  test('goes on for the second where the first gives up', async () => {
    const { fetcher, record, bytes, ids } = createHolders();
    const controller = new AbortController();
    const first = fetcher.transfers.fetch(record, ids, {
      signal: controller.signal,
      onProgress: () => controller.abort(new KernelError('ERR_ABORTED', 'enough')),
    });
    const second = fetcher.transfers.fetch(record, ids);
    await expectCode(first, 'ERR_ABORTED');
    await second;
    expectContent(fetcher, record.name, bytes);
  });
});

test('a signal that outlives its fetches keeps nothing of them', async () => {
  const { fetcher, record, ids } = createHolders();
  const { signal } = new AbortController();
  await fetcher.transfers.fetch(record, ids, { signal });
  await expectCode(fetcher.transfers.fetch(recordOf('other', new Uint8Array(3)), ids, { signal }), 'ERR_NO_SOURCE');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

describe('close', () => {
  test('ends a fetch in mid-flight with ERR_CLOSED and leaves nothing', async () => {
    const { network, fetcher, record, ids, sources } = createHolders({ size: 900 * PIECE });
    let closed: Promise<void> | undefined;
    const fetched = fetcher.transfers.fetch(record, ids, {
      onProgress: () => void (closed ??= fetcher.transfers.close()),
    });
    await expectCode(fetched, 'ERR_CLOSED');
    await closed;
    await expectNoTrace(network, fetcher, ...sources);
    await expectCode(fetcher.transfers.fetch(record, ids), 'ERR_CLOSED');
    expect(network.clock.pendingTimers).toBe(0);
  });

  test('waits for the writes under way before it gives up the file', async () => {
    const { network, fetcher, record, ids } = createHolders();
    fetcher.files.beforeWrite = () => new Promise((resolve) => network.clock.setTimer(1_000, resolve));
    const fetched = expectCode(fetcher.transfers.fetch(record, ids), 'ERR_CLOSED');
    await network.settle();
    const closed = fetcher.transfers.close();
    await network.clock.advance(1_000);
    await Promise.all([fetched, closed]);
    await expectNoTrace(network, fetcher);
  });

  test('of a holder resolves when its files are closed', async () => {
    const { network, fetcher, record, ids, sources } = createHolders();
    sources[0]!.files.onRead = (bytes) => new Promise((resolve) => network.clock.setTimer(1_000, () => resolve(bytes)));
    const failed = expectCode(fetcher.transfers.fetch(record, ids), 'ERR_NO_SOURCE');
    await network.settle();
    const closed = sources[0]!.transfers.close().then(() => sources[0]!.files.opened);
    await network.clock.advance(1_000);
    expect(await closed).toBe(0);
    await failed;
  });

  test('of a holder in mid-flight sends the fetcher to the next', async () => {
    const { network, fetcher, record, ids, sources } = createHolders({ size: 900 * PIECE, holders: 2 });
    let closed: Promise<void> | undefined;
    const outcome = await fetcher.transfers.fetch(record, ids, {
      onProgress: () => void (closed ??= sources[0]!.transfers.close()),
    });
    await closed;
    expect(outcome.sources[ids[1]!]).toBeGreaterThan(0);
    expect(fetcher.files.writtenBytes).toBe(record.size);
    await expectNoTrace(network, fetcher, ...sources);
  });
});
