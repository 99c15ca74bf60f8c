import { KernelError, type NodeId } from '../../../src/kernel/index.ts';
import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { contentOf } from './support/holders.ts';
import { recordOf } from './support/memory-files.ts';
import { PIECE, TestNetwork, idOf, type ScriptedPeer } from './support/test-network.ts';

const SIZE = 3 * PIECE;

/** A sender of so many files, and a receiver that takes so many at once. */
function createScene({ count = 1, uploads = 64 } = {}) {
  const network = new TestNetwork();
  const sender = network.node(1);
  const receiver = network.node(2, { settings: { uploads } });
  const bytes = contentOf(SIZE);
  const records = Array.from({ length: count }, (_, index) =>
    sender.files.addInPieces(recordOf(`file ${index}`, bytes), bytes, PIECE),
  );
  return { network, sender, receiver, bytes, record: records[0]!, records };
}

/** Nodes 10, 11, …, which never have room, and how often each was asked. */
function addFullNodes(network: TestNetwork, count = 1) {
  const asked = new Map<NodeId, number>();
  const sessions: ScriptedPeer['session'][] = [];
  const refuseAll = async (id: NodeId, peer: ScriptedPeer) => {
    sessions.push(peer.session);
    for (;;) {
      const message = await peer.next();
      if (message.type !== 'SDFX' && message.type !== 'KEEP') continue;
      asked.set(id, (asked.get(id) ?? 0) + 1);
      await peer.send({ type: 'REFUSE', transfer: message.transfer, code: 'ERR_LIMIT' });
    }
  };
  const ids = Array.from({ length: count }, (_, index) =>
    // Until the session ends.
    network.scripted(10 + index, (peer) => refuseAll(idOf(10 + index), peer).catch(() => undefined)),
  );
  const fall = () => {
    for (const session of sessions) session.abort(new Error('the machine fell'));
  };
  return { ids, asked, fall };
}

describe('SEND to a node that has no room', () => {
  test('waits until it has: all files come that are offered at once to one that takes one at a time', async () => {
    const { network, sender, receiver, bytes, records } = createScene({ count: 12, uploads: 1 });
    const sent = Promise.all(records.map((record) => sender.transfers.offer(record, [receiver.id])));
    expect(await network.until(sent)).toEqual(records.map(() => [{ id: receiver.id, result: 'received' }]));
    for (const { name } of records) expectContent(receiver, name, bytes);
    await expectNoTrace(network, sender, receiver);
  });

  test('keeps nobody else waiting, and can be given up', async () => {
    const { network, sender, receiver, bytes, record } = createScene();
    const { ids } = addFullNodes(network, 20);
    const giveUp = new AbortController();
    const sent = sender.transfers.offer(record, [...ids, receiver.id], { signal: giveUp.signal });
    sent.catch(() => undefined);
    await network.clock.advance(10);
    expectContent(receiver, record.name, bytes);
    giveUp.abort(new KernelError('ERR_ABORTED', 'enough'));
    await expectCode(network.until(sent), 'ERR_ABORTED');
    await expectNoTrace(network, sender, receiver);
  });

  test('asks it less and less often, and no more when it is gone', async () => {
    const { network, sender, record } = createScene();
    const { asked, fall, ids } = addFullNodes(network);
    const [full = ''] = ids;
    const sent = sender.transfers.offer(record, [full]);
    await network.clock.advance(25_000);
    expect(asked.get(full)).toBeGreaterThan(3);
    expect(asked.get(full)).toBeLessThan(40);
    network.wall(sender.id, full);
    fall();
    expect(await network.until(sent)).toEqual([{ id: full, result: 'ERR_DIAL_FAILED' }]);
  });
});

test('a node that has no room for a copy is not waited for: another is asked', async () => {
  const { network, sender, record } = createScene();
  const { asked, ids } = addFullNodes(network);
  expect(await network.until(sender.transfers.keep(record, ids))).toEqual([{ id: ids[0], result: 'ERR_LIMIT' }]);
  expect([...asked.values()]).toEqual([1]);
});

test('a node that is cut off for asking too much is not offered the file again', async () => {
  const { network, sender, record } = createScene();
  let offers = 0;
  const greedy = network.scripted(9, async (peer) => {
    offers++;
    const { transfer } = await peer.nextOf('SDFX');
    const { name, checksum } = record;
    await peer.send({ type: 'SMFX', address: '192.0.2.9:1', name, transfer, checksum, parts: false });
    for (let n = 0; n < 1_030; n++) {
      await peer.send({ type: 'REQUEST', transfer, position: 0, length: 1 }).catch(() => undefined);
    }
  });
  sender.files.onRead = (read) => new Promise((resolve) => network.clock.setTimer(1_000, () => resolve(read)));
  expect(await network.until(sender.transfers.offer(record, [greedy]))).toEqual([{ id: greedy, result: 'ERR_LIMIT' }]);
  expect(offers).toBe(1);
});
