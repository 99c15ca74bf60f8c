import { getEventListeners } from 'node:events';
import { KernelError } from '../../../src/kernel/index.ts';
import type { TransferProgress } from '../../../src/node/api.ts';
import { encodeMessage } from '../../../src/node/messages/codec.ts';
import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { recordOf } from './support/memory-files.ts';
import { PIECE, TestNetwork, idOf, type ScriptedPeer } from './support/test-network.ts';

/** A network of a fetcher (1) and holders (2, 3, …) of one file. */
function createNetwork({ size = 40 * PIECE + 17, holders = 1 } = {}) {
  const network = new TestNetwork();
  const fetcher = network.node(1);
  const bytes = network.random.bytes(size);
  const record = recordOf('letters/été ^&%.bin', bytes);
  const sources = Array.from({ length: holders }, (_, index) => {
    const node = network.node(index + 2);
    node.files.add(record, bytes);
    return node;
  });
  return { network, fetcher, bytes, record, sources, ids: sources.map(({ id }) => id) };
}

describe('fetch', () => {
  test.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 300 * PIECE + 5])('brings a file of %i bytes', async (size) => {
    const { network, fetcher, bytes, record, sources, ids } = createNetwork({ size });
    const outcome = await fetcher.transfers.fetch(record, ids);
    expectContent(fetcher, record.name, bytes);
    expect(outcome.sources).toEqual(size === 0 ? {} : { [ids[0] as string]: size });
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('reports progress up to the size', async () => {
    const { fetcher, record, ids } = createNetwork();
    const seen: TransferProgress[] = [];
    await fetcher.transfers.fetch(record, ids, { onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ received }) => received)).toEqual(
      seen.map(({ received }) => received).toSorted((a, b) => a - b),
    );
    expect(seen.at(-1)).toEqual({ received: record.size, size: record.size, source: ids[0] });
  });

  test('asks for no more than the window at a time', async () => {
    const { network, fetcher, record, bytes } = createNetwork({ size: 500 * PIECE });
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
    const { network, fetcher, record, ids, sources } = createNetwork();
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
    const { network, fetcher, record, bytes, ids, sources } = createNetwork();
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
    const { network, fetcher, ids, sources } = createNetwork();
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
    const { fetcher, record, ids } = createNetwork();
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
    const { fetcher, record, bytes, ids } = createNetwork();
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
  const { fetcher, record, ids } = createNetwork();
  const { signal } = new AbortController();
  await fetcher.transfers.fetch(record, ids, { signal });
  await expectCode(fetcher.transfers.fetch(recordOf('other', new Uint8Array(3)), ids, { signal }), 'ERR_NO_SOURCE');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

describe('failover', () => {
  test('asks the next holder only for what is missing when one is lost in mid-file', async () => {
    const { network, fetcher, bytes, record, ids, sources } = createNetwork({ holders: 2 });
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
    const { network, fetcher, bytes, record, ids } = createNetwork({ size: 50 * PIECE });
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
    const { network, fetcher, record, bytes, ids } = createNetwork();
    fetcher.files.beforeWrite = () => new Promise((resolve) => network.clock.setTimer(11_000, resolve));
    const fetched = fetcher.transfers.fetch(record, ids);
    await network.clock.advance(600_000);
    await fetched;
    expect(fetcher.files.mostWrites).toBe(8);
    expectContent(fetcher, record.name, bytes);
  });

  test('names each holder and why when none is left', async () => {
    const { network, fetcher, record, ids, sources } = createNetwork({ holders: 2 });
    network.wall(fetcher.id, ids[0]!);
    sources[1]!.files.records.clear();
    const error = await expectCode(fetcher.transfers.fetch(record, [...ids, idOf(77)]), 'ERR_NO_SOURCE');
    expect(error.message).toContain(`${ids[0]!}: ERR_DIAL_FAILED`);
    expect(error.message).toContain(`${ids[1]!}: ERR_NO_SUCH_FILE`);
    expect(error.message).toContain(`${idOf(77)}: ERR_NO_SUCH_PEER`);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('leaves nothing when the only holder vanishes in mid-transfer', async () => {
    const { network, fetcher, record, ids, sources } = createNetwork();
    const fetched = fetcher.transfers.fetch(record, ids, {
      onProgress: () => network.dials[0]!.ends[1].abort(new KernelError('ERR_CONNECTION_LOST', 'killed')),
    });
    await expectCode(fetched, 'ERR_NO_SOURCE');
    expect(fetcher.files.records.size).toBe(0);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('asks for it all again, elsewhere, where the content was wrong, and names the source', async () => {
    const { network, fetcher, bytes, record, ids, sources } = createNetwork({ holders: 2 });
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
    const { network, fetcher, bytes, record, ids, sources } = createNetwork({ holders: 2 });
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
    const { network, fetcher, record, ids, sources } = createNetwork({ holders: 2 });
    fetcher.files.failWrite = (written) =>
      written >= 5 * PIECE ? new KernelError('ERR_DISK_FULL', 'no space left') : undefined;
    await expectCode(fetcher.transfers.fetch(record, ids), 'ERR_DISK_FULL');
    expect(network.dials).toHaveLength(1);
    await expectNoTrace(network, fetcher, ...sources);
  });

  test('refuses a name that may not be kept before anybody is asked', async () => {
    const { network, fetcher, ids } = createNetwork();
    await expectCode(fetcher.transfers.fetch(recordOf('../x', new Uint8Array(1)), ids), 'ERR_NAME');
    expect(network.dials).toHaveLength(0);
  });
});

describe('a holder that lies', () => {
  type Answer = (
    request: { transfer: string; position: number; length: number },
    bytes: Uint8Array,
  ) => {
    position: number;
    bytes: Uint8Array;
    transfer: string;
  };
  const lies: Record<string, Answer> = {
    'sends too little': ({ transfer, position, length }, bytes) => ({
      transfer,
      position,
      bytes: bytes.slice(position, position + length - 1),
    }),
    'sends too much': ({ transfer, position, length }, bytes) => ({
      transfer,
      position,
      bytes: bytes.slice(position, position + length + 1),
    }),
    'sends the wrong range': ({ transfer, position, length }, bytes) => ({
      transfer,
      position: position + 1,
      bytes: bytes.slice(position, position + length),
    }),
    'sends beyond the end': ({ transfer, length }, bytes) => ({
      transfer,
      position: bytes.length,
      bytes: bytes.slice(0, length),
    }),
    'sends for another transfer': ({ position, length }, bytes) => ({
      transfer: 'ab'.repeat(16),
      position,
      bytes: bytes.slice(position, position + length),
    }),
  };

  test.each(Object.entries(lies))(
    '%s: loses the connection with ERR_MESSAGE, and the next is asked',
    async (_, lie) => {
      const { network, fetcher, bytes, record, ids, sources } = createNetwork();
      const liar = network.scripted(9, async (peer) => {
        const request = await peer.nextOf('REQUEST');
        await peer.send({ type: 'DATA', ...lie(request, bytes) });
      });
      const outcome = await fetcher.transfers.fetch(record, [liar, ...ids]);
      expect(outcome.sources).toEqual({ [ids[0]!]: record.size });
      expect(fetcher.files.writtenBytes).toBe(record.size);
      const failed = fetcher.logger.named('transfer.connection_failed');
      expect(failed.map(({ fields }) => fields['code'])).toEqual(['ERR_MESSAGE']);
      await expectNoTrace(network, fetcher, ...sources);
    },
  );

  test('sends the same bytes twice: loses the connection', async () => {
    const { network, fetcher, bytes, record, ids } = createNetwork();
    const liar = network.scripted(9, async (peer) => {
      const { transfer, position, length } = await peer.nextOf('REQUEST');
      const data = { type: 'DATA', transfer, position, bytes: bytes.slice(position, position + length) } as const;
      await peer.send(data);
      await peer.send(data);
    });
    const outcome = await fetcher.transfers.fetch(record, [liar, ...ids]);
    expect(outcome.sources).toEqual({ [liar]: PIECE, [ids[0]!]: record.size - PIECE });
  });

  const nonsense: Record<string, (peer: ScriptedPeer) => Promise<void>> = {
    'answers with what is no message': (peer) => peer.session.send(Uint8Array.of(0x02, 1, 2)),
    'answers with gossip': (peer) => peer.send({ type: 'HB', stamp: 1, echo: -1, heldMs: 0, connections: [] }),
    'says that it is done': async (peer) => {
      const { transfer } = await peer.nextOf('SMFX');
      await peer.send({ type: 'DONE', transfer });
    },
  };

  test.each(Object.entries(nonsense))('%s: costs one line and that connection', async (_, answer) => {
    const { network, fetcher, record, ids } = createNetwork();
    const liar = network.scripted(9, answer);
    const outcome = await fetcher.transfers.fetch(record, [liar, ...ids]);
    expect(outcome.sources).toEqual({ [ids[0]!]: record.size });
    expect(fetcher.logger.named('transfer.connection_failed')).toHaveLength(1);
  });

  test('refuses with a code nobody knows: that is told', async () => {
    const { network, fetcher, record } = createNetwork();
    const holder = network.scripted(9, async (peer) => {
      const { transfer } = await peer.nextOf('SMFX');
      await peer.send({ type: 'REFUSE', transfer, code: 'ERR_FROM_THE_FUTURE' });
    });
    const error = await expectCode(fetcher.transfers.fetch(record, [holder]), 'ERR_NO_SOURCE');
    expect(error.message).toContain('ERR_TRANSFER_REFUSED');
    expect(error.message).toContain('ERR_FROM_THE_FUTURE');
  });
});

describe('close', () => {
  test('ends a fetch in mid-flight with ERR_CLOSED and leaves nothing', async () => {
    const { network, fetcher, record, ids, sources } = createNetwork({ size: 900 * PIECE });
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
    const { network, fetcher, record, ids } = createNetwork();
    fetcher.files.beforeWrite = () => new Promise((resolve) => network.clock.setTimer(1_000, resolve));
    const fetched = expectCode(fetcher.transfers.fetch(record, ids), 'ERR_CLOSED');
    await network.settle();
    const closed = fetcher.transfers.close();
    await network.clock.advance(1_000);
    await Promise.all([fetched, closed]);
    await expectNoTrace(network, fetcher);
  });

  test('of a holder resolves when its files are closed', async () => {
    const { network, fetcher, record, ids, sources } = createNetwork();
    sources[0]!.files.onRead = (bytes) => new Promise((resolve) => network.clock.setTimer(1_000, () => resolve(bytes)));
    const failed = expectCode(fetcher.transfers.fetch(record, ids), 'ERR_NO_SOURCE');
    await network.settle();
    const closed = sources[0]!.transfers.close().then(() => sources[0]!.files.opened);
    await network.clock.advance(1_000);
    expect(await closed).toBe(0);
    await failed;
  });

  test('of a holder in mid-flight sends the fetcher to the next', async () => {
    const { network, fetcher, record, ids, sources } = createNetwork({ size: 900 * PIECE, holders: 2 });
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
