import { KernelError } from '../../../src/kernel/index.ts';
import { expectNoTrace } from './support/expectations.ts';
import { recordOf } from './support/memory-files.ts';
import { PIECE, TestNetwork, type ScriptedPeer } from './support/test-network.ts';

/** A node that serves one file, and a peer that the test plays. */
function createNetwork({ uploads = 64, size = 50 * PIECE } = {}) {
  const network = new TestNetwork();
  const holder = network.node(1, { settings: { uploads } });
  const bytes = network.random.bytes(size);
  const record = holder.files.add(recordOf('report', bytes), bytes);
  const asker = network.scripted(9, () => undefined);
  const peer = network.dialFrom(asker, holder.id);
  return { network, holder, bytes, record, asker, peer };
}

const transferOf = (n: number) => n.toString(16).padStart(32, 'a');

function ask(peer: ScriptedPeer, { n = 1, name = 'report', checksum = '' } = {}): Promise<void> {
  return peer.send({ type: 'SMFX', address: '203.0.113.1:9', name, transfer: transferOf(n), checksum, parts: false });
}

function request(peer: ScriptedPeer, position: number, { n = 1, length = PIECE } = {}): Promise<void> {
  return peer.send({ type: 'REQUEST', transfer: transferOf(n), position, length });
}

/** The code the holder ended the connection for. */
function endedFor({ holder }: ReturnType<typeof createNetwork>): unknown[] {
  return holder.logger.named('transfer.connection_failed').map(({ fields }) => fields['code']);
}

describe('an upload', () => {
  test('answers requests in their order, whatever they are', async () => {
    const { network, holder, bytes, record, peer } = createNetwork();
    await ask(peer, { checksum: record.checksum });
    const positions = [30 * PIECE, 0, 7, 0];
    for (const position of positions) await request(peer, position);
    for (const position of positions) {
      const data = await peer.nextOf('DATA');
      expect([data.position, Buffer.compare(data.bytes, bytes.slice(position, position + PIECE))]).toEqual([
        position,
        0,
      ]);
    }
    await peer.send({ type: 'DONE', transfer: transferOf(1) });
    await expectNoTrace(network, holder);
  });

  test.each([
    ['../secret', '', 'ERR_NAME'],
    ['nothing', '', 'ERR_NO_SUCH_FILE'],
    ['report', 'ab'.repeat(32), 'ERR_NO_SUCH_FILE'],
  ])('of %s is refused with a code, and the connection goes on', async (name, checksum, code) => {
    const scene = createNetwork();
    const { network, holder, peer } = scene;
    if (name.startsWith('..')) holder.files.failOpen = new KernelError('ERR_NAME', 'out of the folder');
    await ask(peer, { name: name.replace('../', ''), checksum });
    await request(peer, 0);
    expect(await peer.next()).toMatchObject({ type: 'REFUSE', code });
    holder.files.failOpen = undefined;
    await ask(peer, { n: 2 });
    await request(peer, 0, { n: 2 });
    expect(await peer.next()).toMatchObject({ type: 'DATA', transfer: transferOf(2) });
    await peer.session.close();
    await expectNoTrace(network, holder);
    expect(endedFor(scene)).toEqual([]);
  });

  test('ends the connection of who asks for a range beyond the end', async () => {
    const scene = createNetwork();
    const { network, holder, record, peer } = scene;
    await ask(peer);
    await request(peer, record.size - PIECE + 1);
    await network.settle();
    expect(peer.session.ended).toBe(true);
    expect(endedFor(scene)).toEqual(['ERR_MESSAGE']);
    await expectNoTrace(network, holder);
  });

  test('ends with ERR_FILE_CHANGED when the file became shorter', async () => {
    const { network, holder, peer } = createNetwork();
    holder.files.onRead = (bytes) => bytes.slice(1);
    await ask(peer);
    await request(peer, 0);
    expect(await peer.next()).toMatchObject({ type: 'REFUSE', code: 'ERR_FILE_CHANGED' });
    await expectNoTrace(network, holder);
  });

  test('reads no further than one request ahead of a receiver that does not read', async () => {
    const { network, holder, peer } = createNetwork();
    let reads = 0;
    holder.files.onRead = (bytes) => {
      reads++;
      return bytes;
    };
    await ask(peer);
    for (let n = 0; n < 50; n++) await request(peer, n * PIECE);
    await network.settle();
    // Four frames lie in the session, one waits to be sent, one is read ahead.
    expect(reads).toBeLessThanOrEqual(6);
    await network.clock.advance(30_000);
    expect(peer.session.ended).toBe(true);
    await expectNoTrace(network, holder);
  });

  test('is closed when nothing is asked for, and the connection when nothing comes', async () => {
    const scene = createNetwork();
    const { network, holder, peer } = scene;
    await ask(peer);
    await network.clock.advance(30_000);
    expect(await peer.next()).toMatchObject({ type: 'REFUSE', code: 'ERR_TRANSFER_STALLED' });
    expect(holder.files.opened).toBe(0);
    await network.clock.advance(30_000);
    await expect(peer.next()).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(network.clock.pendingTimers).toBe(0);
  });

  test('waits for a receiver that has everything as long as verifying may take', async () => {
    const { network, holder, bytes, peer } = createNetwork({ size: 300_000 });
    await ask(peer);
    await request(peer, 0, { length: bytes.length });
    await peer.nextOf('DATA');
    await network.clock.advance(30_029);
    expect(holder.files.opened).toBe(1);
    await network.clock.advance(1);
    expect(holder.files.opened).toBe(0);
  });

  test('shares the connection with the others on it', async () => {
    const { peer } = createNetwork();
    await ask(peer, { n: 1 });
    await ask(peer, { n: 2 });
    for (let n = 0; n < 40; n++) await request(peer, n * PIECE, { n: 1 });
    for (let n = 0; n < 10; n++) await request(peer, n * PIECE, { n: 2 });
    const order: string[] = [];
    for (let n = 0; n < 50; n++) order.push((await peer.nextOf('DATA')).transfer);
    // The second is done long before the first, which was there first.
    expect(order.lastIndexOf(transferOf(2))).toBeLessThan(30);
  });
});

describe('a peer that asks too much', () => {
  test('of uploads is refused with ERR_LIMIT until one ends', async () => {
    const { network, holder, peer } = createNetwork({ uploads: 2 });
    for (const n of [1, 2, 3]) await ask(peer, { n });
    expect(await peer.next()).toMatchObject({ type: 'REFUSE', transfer: transferOf(3), code: 'ERR_LIMIT' });
    await peer.send({ type: 'DONE', transfer: transferOf(1) });
    await network.settle();
    await ask(peer, { n: 4 });
    await request(peer, 0, { n: 4 });
    expect(await peer.next()).toMatchObject({ type: 'DATA', transfer: transferOf(4) });
    expect(holder.transfers.active).toBe(2);
  });

  test('of uploads does not shut out a peer with none, where one that holds several takes nothing', async () => {
    const { network, holder, peer } = createNetwork({ uploads: 2 });
    for (const n of [1, 2]) await ask(peer, { n });
    await network.clock.advance(250);
    const newcomer = network.dialFrom(
      network.scripted(8, () => undefined),
      holder.id,
    );
    await ask(newcomer, { n: 3 });
    expect(await peer.next()).toMatchObject({ type: 'REFUSE', transfer: transferOf(1), code: 'ERR_LIMIT' });
    await request(newcomer, 0, { n: 3 });
    expect(await newcomer.next()).toMatchObject({ type: 'DATA', transfer: transferOf(3) });
    expect(holder.transfers.active).toBe(2);
  });

  test('of one upload loses the connection with ERR_LIMIT', async () => {
    const scene = createNetwork();
    const { network, holder, peer } = scene;
    holder.files.onRead = () => new Promise(() => undefined);
    await ask(peer);
    for (let n = 0; n < 1_026; n++) await request(peer, 0).catch(() => undefined);
    await network.settle();
    expect(endedFor(scene)).toEqual(['ERR_LIMIT']);
    expect(peer.session.ended).toBe(true);
  });

  test('of connections has the ninth refused', async () => {
    const { network, holder, asker, peer } = createNetwork();
    await ask(peer);
    const more = Array.from({ length: 8 }, () => network.dialFrom(asker, holder.id));
    for (const other of more) await ask(other);
    await network.settle();
    expect([peer, ...more].map(({ session }) => session.ended)).toEqual([...Array<boolean>(8).fill(false), true]);
    expect(holder.logger.named('transfer.connection_refused')).toHaveLength(1);
  });

  test('of answers, and reads none, loses the connection with ERR_LIMIT', async () => {
    const scene = createNetwork();
    const { network, peer } = scene;
    for (let n = 0; n < 1_100; n++) await ask(peer, { n, name: 'nothing' }).catch(() => undefined);
    await network.settle();
    expect(endedFor(scene)).toEqual(['ERR_LIMIT']);
  });
});

describe('a message out of place', () => {
  type Scene = ReturnType<typeof createNetwork>;
  const wrongs: Record<string, (scene: Scene) => Promise<void>> = {
    'a request of a transfer that never was': async ({ peer }) => {
      await ask(peer);
      await request(peer, 0, { n: 5 });
    },
    'an SMFX with a number in use': async ({ peer }) => {
      await ask(peer);
      await ask(peer);
    },
    'an SDFX with a number in use': async ({ peer, record }) => {
      await ask(peer);
      await peer.send({ type: 'SDFX', address: '', transfer: transferOf(1), record: { ...record, name: 'new' } });
    },
    'DATA to somebody who serves': async ({ peer }) => {
      await ask(peer);
      await peer.send({ type: 'DATA', transfer: transferOf(1), position: 0, bytes: new Uint8Array(1) });
    },
    'a frame of nonsense': async ({ peer }) => {
      await ask(peer);
      await peer.session.send(new TextEncoder().encode('SMFX^'));
    },
  };

  test.each(Object.entries(wrongs))('%s ends that connection, with one line, and no other', async (_, send) => {
    const scene = createNetwork();
    const { network, holder, asker, peer } = scene;
    const other = network.dialFrom(asker, holder.id);
    await ask(other, { n: 8 });
    await send(scene);
    await network.settle();
    expect(peer.session.ended).toBe(true);
    expect(endedFor(scene)).toEqual(['ERR_MESSAGE']);
    await request(other, 0, { n: 8 });
    expect(await other.next()).toMatchObject({ type: 'DATA', transfer: transferOf(8) });
  });

  test('of a type from a later version is ignored with one debug line', async () => {
    const { holder, peer } = createNetwork();
    await ask(peer);
    await peer.session.send(Uint8Array.of(0x1f, 1, 2, 3));
    await request(peer, 0);
    expect(await peer.next()).toMatchObject({ type: 'DATA' });
    expect(holder.logger.named('transfer.message_ignored')).toHaveLength(1);
  });

  test('of a transfer that was refused is ignored', async () => {
    const scene = createNetwork();
    const { network, peer } = scene;
    await ask(peer, { name: 'nothing' });
    for (let n = 0; n < 10; n++) await request(peer, n * PIECE);
    await peer.send({ type: 'REFUSE', transfer: transferOf(1), code: 'ERR_ABORTED' });
    await network.settle();
    expect(endedFor(scene)).toEqual([]);
  });
});
