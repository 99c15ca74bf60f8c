import { KernelError } from '../../../src/kernel/index.ts';
import { encodeMessage } from '../../../src/node/messages/codec.ts';
import { TUNNEL_FRAME_LENGTH } from '../../../src/node/transfer/transfer-peers.ts';
import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { recordOf } from './support/memory-files.ts';
import { ScriptedPeer, TestNetwork, type TestNode } from './support/test-network.ts';

/** A strategy whose pieces do not fit a tunnel's frame. */
const largePieces = {
  pieceLength: () => 64 * 1_024,
  select: ({ candidates }: { candidates: readonly number[] }, limit: number) => candidates.slice(0, limit),
};

/** A fetcher that cannot dial the holder, and a tunnel between them. */
function createNetwork({ size = 300_001, holderDials = false } = {}) {
  const network = new TestNetwork();
  const fetcher = network.node(1, { pieceStrategy: largePieces });
  const holder = network.node(2);
  const bytes = network.random.bytes(size);
  const record = holder.files.add(recordOf('report', bytes), bytes);
  network.wall(fetcher.id, holder.id);
  if (!holderDials) network.wall(holder.id, fetcher.id);
  const tunnel = network.tunnel(fetcher.id, holder.id);
  return { network, fetcher, holder, bytes, record, tunnel };
}

describe('a holder that cannot be dialled', () => {
  test('dials back, and the connection serves later fetches too', async () => {
    const { network, fetcher, holder, bytes, record } = createNetwork({ holderDials: true });
    const other = holder.files.add(recordOf('other', bytes), bytes);
    await fetcher.transfers.fetch(record, [holder.id]);
    await fetcher.transfers.fetch(other, [holder.id]);
    expectContent(fetcher, 'report', bytes);
    expectContent(fetcher, 'other', bytes);
    expect(network.dials.map(({ from }) => from)).toEqual([holder.id]);
    await expectNoTrace(network, fetcher, holder);
  });

  test.each([0, 1, 300_001])('sends %i bytes through the tunnel where it cannot dial either', async (size) => {
    const { network, fetcher, holder, bytes, record, tunnel } = createNetwork({ size });
    const lengths: number[] = [];
    tunnel[1].filter = (frame) => {
      lengths.push(frame.length);
      return frame;
    };
    await fetcher.transfers.fetch(record, [holder.id]);
    expectContent(fetcher, 'report', bytes);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(TUNNEL_FRAME_LENGTH);
    expect(network.dials).toHaveLength(0);
    await expectNoTrace(network, fetcher, holder);
  });

  test('is not dialled again for each file, but after a while', async () => {
    const { network, fetcher, holder, record } = createNetwork();
    const empty = Array.from({ length: 3 }, (_, n) =>
      holder.files.add(recordOf(`${n}`, new Uint8Array()), new Uint8Array()),
    );
    for (const file of [record, ...empty]) await fetcher.transfers.fetch(file, [holder.id]);
    expect(network.attempts).toEqual([
      { from: fetcher.id, to: holder.id },
      { from: holder.id, to: fetcher.id },
    ]);
    await network.clock.advance(30_000);
    fetcher.files.records.clear();
    await fetcher.transfers.fetch(record, [holder.id]);
    expect(network.attempts).toHaveLength(4);
  });

  test('tells through the tunnel that it lacks the file', async () => {
    const { network, fetcher, holder } = createNetwork();
    const error = await expectCode(
      fetcher.transfers.fetch(recordOf('other', new Uint8Array(5)), [holder.id]),
      'ERR_NO_SOURCE',
    );
    expect(error.message).toContain('ERR_NO_SUCH_FILE');
    await expectNoTrace(network, fetcher, holder);
  });

  test('and does not dial back in time has failed', async () => {
    const { network, fetcher, holder, record, tunnel } = createNetwork();
    tunnel[0].filter = () => undefined;
    const failed = expectCode(fetcher.transfers.fetch(record, [holder.id]), 'ERR_NO_SOURCE');
    await network.clock.advance(20_000);
    expect((await failed).message).toContain('did not dial back');
    await expectNoTrace(network, fetcher, holder);
  });

  test('has its tunnel lost while it is asked to dial back: fails, and is not asked there again', async () => {
    const { network, fetcher, holder, record, tunnel } = createNetwork();
    let asked = 0;
    tunnel[0].filter = () => {
      asked++;
      tunnel[1].abort(new KernelError('ERR_CONNECTION_LOST', 'killed'));
      return undefined;
    };
    const lost = await expectCode(fetcher.transfers.fetch(record, [holder.id]), 'ERR_NO_SOURCE');
    expect(lost.message).toContain('ERR_CONNECTION_LOST');
    const again = await expectCode(fetcher.transfers.fetch(record, [holder.id]), 'ERR_NO_SOURCE');
    expect(again.message).toContain('ERR_DIAL_FAILED');
    expect(asked).toBe(1);
    await expectNoTrace(network, fetcher, holder);
  });

  test('has its tunnel lost in mid-file: the next holder is asked for the rest', async () => {
    const { network, fetcher, holder, bytes, record, tunnel } = createNetwork();
    const next = network.node(3);
    next.files.add(record, bytes);
    const outcome = await fetcher.transfers.fetch(record, [holder.id, next.id], {
      onProgress: ({ received }) => {
        if (received > 100_000) tunnel[1].abort(new KernelError('ERR_CONNECTION_LOST', 'killed'));
      },
    });
    expectContent(fetcher, 'report', bytes);
    expect(Object.keys(outcome.sources)).toEqual([holder.id, next.id]);
    expect(fetcher.files.writtenBytes).toBe(record.size);
  });

  test('is closed in mid-file', async () => {
    const { network, fetcher, holder, record } = createNetwork();
    let closed: Promise<void> | undefined;
    const fetched = fetcher.transfers.fetch(record, [holder.id], {
      onProgress: () => void (closed ??= holder.transfers.close()),
    });
    await expectCode(fetched, 'ERR_NO_SOURCE');
    await closed;
    await expectNoTrace(network, fetcher, holder);
  });
});

describe('the number of a transfer that is dialled back', () => {
  /** The number in the SMFX that went through the tunnel; the holder never sees it. */
  function interceptNumber({ tunnel }: ReturnType<typeof createNetwork>): Promise<string> {
    return new Promise((resolve) => {
      tunnel[0].filter = (frame) => {
        resolve(/[0-9a-f]{32}/.exec(Buffer.from(frame).toString('latin1'))?.[0] ?? '');
        return undefined;
      };
    });
  }

  test('is worth nothing in the hands of another peer', async () => {
    const scene = createNetwork();
    const { network, fetcher, holder, record } = scene;
    const number = interceptNumber(scene);
    const failed = expectCode(fetcher.transfers.fetch(record, [holder.id]), 'ERR_NO_SOURCE');
    const thief = network.dialFrom(
      network.scripted(9, () => undefined),
      fetcher.id,
    );
    await thief.send({ type: 'SDFX', address: '', transfer: await number, record });
    expect(await thief.next()).toMatchObject({ type: 'REFUSE', code: 'ERR_TRANSFER_REFUSED' });
    await network.clock.advance(20_000);
    await failed;
  });

  test('does not let the holder bring something else', async () => {
    const scene = createNetwork({ holderDials: true });
    const { network, fetcher, holder, record } = scene;
    const number = interceptNumber(scene);
    const failed = expectCode(fetcher.transfers.fetch(record, [holder.id]), 'ERR_NO_SOURCE');
    const peer = network.dialFrom(holder.id, fetcher.id);
    await peer.send({
      type: 'SDFX',
      address: '',
      transfer: await number,
      record: { ...record, checksum: 'ab'.repeat(32) },
    });
    expect(await peer.next()).toMatchObject({ type: 'REFUSE', code: 'ERR_TRANSFER_REFUSED' });
    await network.clock.advance(20_000);
    await failed;
  });
});

describe('an offer to a node that cannot be dialled', () => {
  async function offerBack(scene: ReturnType<typeof createNetwork>, receiver: TestNode) {
    const { network, fetcher: sender, bytes, record } = scene;
    sender.files.add(record, bytes);
    receiver.files.records.clear();
    const results = await sender.transfers.offer(record, [receiver.id]);
    expectContent(receiver, 'report', bytes);
    await expectNoTrace(network, sender, receiver);
    return results;
  }

  test('goes through the tunnel, and the file over a connection that the receiver dials', async () => {
    const scene = createNetwork({ holderDials: true });
    const results = await offerBack(scene, scene.holder);
    expect(results).toEqual([{ id: scene.holder.id, result: 'received' }]);
    expect(scene.network.dials.map(({ from }) => from)).toEqual([scene.holder.id]);
  });

  test('goes on over that connection when the tunnel is lost meanwhile', async () => {
    const scene = createNetwork({ holderDials: true });
    const { holder, network, tunnel } = scene;
    holder.files.beforeWrite = async () => {
      if (network.dials.length > 0) tunnel[0].abort(new KernelError('ERR_CONNECTION_LOST', 'killed'));
    };
    expect(await offerBack(scene, holder)).toEqual([{ id: holder.id, result: 'received' }]);
    expect(tunnel[1].ended).toBe(true);
  });

  test('goes through the tunnel, and so does the file where neither can dial', async () => {
    const scene = createNetwork();
    const results = await offerBack(scene, scene.holder);
    expect(results).toEqual([{ id: scene.holder.id, result: 'received' }]);
    expect(scene.network.dials).toHaveLength(0);
  });
});

test('a request beyond a tunnel frame is refused, and the tunnel lives on', async () => {
  const network = new TestNetwork();
  const holder = network.node(1);
  const bytes = network.random.bytes(100_000);
  const record = holder.files.add(recordOf('report', bytes), bytes);
  const asker = network.scripted(9, () => undefined);
  network.wall(holder.id, asker);
  const [end] = network.tunnel(asker, holder.id);
  const transfer = 'ab'.repeat(16);
  const smfx = {
    type: 'SMFX',
    address: '',
    name: 'report',
    transfer,
    checksum: record.checksum,
    parts: false,
  } as const;
  const peer = new ScriptedPeer(end);
  await peer.send(smfx);
  await peer.nextOf('SDFX');
  await peer.send(smfx);
  await end.send(encodeMessage({ type: 'REQUEST', transfer, position: 0, length: 50_000 }));
  expect(await peer.nextOf('REFUSE')).toMatchObject({ transfer, code: 'ERR_FRAME_TOO_LARGE' });
  expect(end.ended).toBe(false);
});
