import { KernelError } from '../../../src/kernel/index.ts';
import type { TransferProgress } from '../../../src/node/api.ts';
import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { recordOf } from './support/memory-files.ts';
import { PIECE, TestNetwork, idOf } from './support/test-network.ts';

/** A sender (1) with a file, and receivers (2, 3, …). */
function createNetwork({ size = 20 * PIECE + 1, receivers = 1 } = {}) {
  const network = new TestNetwork();
  const sender = network.node(1);
  const bytes = network.random.bytes(size);
  const record = sender.files.add(recordOf('report', bytes), bytes);
  const nodes = Array.from({ length: receivers }, (_, index) => network.node(index + 2));
  return { network, sender, bytes, record, receivers: nodes, ids: nodes.map(({ id }) => id) };
}

describe('offer', () => {
  test.each([0, 1, 20 * PIECE])('brings a file of %i bytes to every target', async (size) => {
    const { network, sender, bytes, record, receivers, ids } = createNetwork({ size, receivers: 12 });
    expect(await sender.transfers.offer(record, ids)).toEqual(ids.map((id) => ({ id, result: 'received' })));
    for (const receiver of receivers) expectContent(receiver, 'report', bytes);
    await expectNoTrace(network, sender, ...receivers);
  });

  test('moves no byte to a target that has the content', async () => {
    const { network, sender, bytes, record, receivers, ids } = createNetwork();
    receivers[0]!.files.add(record, bytes);
    expect(await sender.transfers.offer(record, ids)).toEqual([{ id: ids[0], result: 'present' }]);
    expect(receivers[0]!.files.writtenBytes).toBe(0);
    await expectNoTrace(network, sender, ...receivers);
  });

  test('tells how far it is with all targets together', async () => {
    const size = 20 * PIECE;
    const { sender, bytes, record, receivers, ids } = createNetwork({ size, receivers: 3 });
    receivers[2]!.files.add(record, bytes);
    const steps: TransferProgress[] = [];
    await sender.transfers.offer(record, ids, { onProgress: (progress) => steps.push(progress) });
    expect(steps.every((step) => step.size === 3 * size && ids.includes(step.source))).toBe(true);
    const received = steps.map((step) => step.received);
    expect(received).toEqual([...received].sort((a, b) => a - b));
    expect(received.length).toBeGreaterThan(10);
    expect(received.at(-1)).toBe(3 * size);
  });

  test('says received only after the receiver has put the file in place', async () => {
    const { network, sender, record, receivers, ids } = createNetwork();
    let result: unknown;
    receivers[0]!.files.beforeCommit = () => new Promise((resolve) => network.clock.setTimer(20_000, resolve));
    const offered = sender.transfers.offer(record, ids).then((results) => (result = results));
    await network.clock.advance(19_999);
    expect(result).toBeUndefined();
    await network.clock.advance(1);
    expect(await offered).toEqual([{ id: ids[0], result: 'received' }]);
  });

  test('tells for each target what went wrong, and serves the others', async () => {
    const { network, sender, record, receivers, ids } = createNetwork({ receivers: 4 });
    network.wall(sender.id, ids[0]!);
    receivers[1]!.files.failWrite = () => new KernelError('ERR_DISK_FULL', 'no space left');
    receivers[2]!.files.failReceive = new KernelError('ERR_NAME_NOT_STORABLE', 'no such names here');
    expect(await sender.transfers.offer(record, [...ids, idOf(99)])).toEqual([
      { id: ids[0], result: 'ERR_DIAL_FAILED' },
      { id: ids[1], result: 'ERR_DISK_FULL' },
      { id: ids[2], result: 'ERR_NAME_NOT_STORABLE' },
      { id: ids[3], result: 'received' },
      { id: idOf(99), result: 'ERR_NO_SUCH_PEER' },
    ]);
    await expectNoTrace(network, sender, ...receivers);
  });

  test('is refused by a node that does not want the file', async () => {
    const { network, sender, record } = createNetwork();
    const picky = network.node(9, { wants: ({ user }) => user !== 'alice' });
    expect(await sender.transfers.offer(record, [picky.id])).toEqual([
      { id: picky.id, result: 'ERR_TRANSFER_REFUSED' },
    ]);
    await expectNoTrace(network, sender, picky);
  });

  test('of a file that changes while it is served ends with ERR_FILE_CHANGED on both sides', async () => {
    const { network, sender, record, receivers, ids } = createNetwork();
    sender.files.onRead = () => Promise.reject(new KernelError('ERR_FILE_CHANGED', 'it changed'));
    expect(await sender.transfers.offer(record, ids)).toEqual([{ id: ids[0], result: 'ERR_FILE_CHANGED' }]);
    expect(receivers[0]!.files.records.size).toBe(0);
    await expectNoTrace(network, sender, ...receivers);
  });

  test('gives up on a target that does not answer', async () => {
    const { network, sender, record, receivers, ids } = createNetwork();
    const mute = network.scripted(9, () => undefined);
    const offered = sender.transfers.offer(record, [mute, ...ids]);
    await network.clock.advance(30_000);
    expect(await offered).toEqual([
      { id: mute, result: 'ERR_TRANSFER_STALLED' },
      { id: ids[0], result: 'received' },
    ]);
    await expectNoTrace(network, sender, ...receivers);
  });

  test('is taken back when the caller gives up', async () => {
    const { network, sender, record, receivers, ids } = createNetwork({ size: 900 * PIECE });
    const controller = new AbortController();
    receivers[0]!.files.failWrite = (written) => {
      if (written > 100 * PIECE) controller.abort(new KernelError('ERR_ABORTED', 'enough'));
      return undefined;
    };
    await expectCode(sender.transfers.offer(record, ids, { signal: controller.signal }), 'ERR_ABORTED');
    expect(receivers[0]!.files.records.size).toBe(0);
    await expectNoTrace(network, sender, ...receivers);
  });

  test('ends when the sender closes, with nothing partial at the receiver', async () => {
    const { network, sender, record, receivers, ids } = createNetwork({ size: 900 * PIECE });
    let closed: Promise<void> | undefined;
    receivers[0]!.files.failWrite = () => {
      closed ??= sender.transfers.close();
      return undefined;
    };
    await expectCode(sender.transfers.offer(record, ids), 'ERR_CLOSED');
    await closed;
    await expectNoTrace(network, sender, ...receivers);
  });

  test('waits for a fetch of the same content that runs already, and counts as present', async () => {
    const { network, sender, bytes, record, receivers, ids } = createNetwork({ size: 300 * PIECE });
    const other = network.node(9);
    other.files.add(record, bytes);
    const fetched = receivers[0]!.transfers.fetch(record, [other.id]);
    expect(await sender.transfers.offer(record, ids)).toEqual([{ id: ids[0], result: 'present' }]);
    await fetched;
    expect(receivers[0]!.files.writtenBytes).toBe(record.size);
  });

  test.each([
    ['another name', { name: 'secret' }],
    ['another content', { checksum: '' }],
  ])('answered with a request for %s costs the peer its connection', async (_, wanted) => {
    const { network, sender, record, bytes } = createNetwork();
    sender.files.add(recordOf('secret', bytes), bytes);
    const { name, checksum } = record;
    const thief = network.scripted(9, async (peer) => {
      const { transfer } = await peer.nextOf('SDFX');
      await peer.send({ type: 'SMFX', address: '', name, transfer, checksum, parts: false, ...wanted });
    });
    expect(await sender.transfers.offer(record, [thief])).toEqual([{ id: thief, result: 'ERR_MESSAGE' }]);
    await expectNoTrace(network, sender);
  });
});
