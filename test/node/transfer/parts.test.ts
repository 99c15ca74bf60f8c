import { KernelError, type PieceStrategy } from '../../../src/kernel/index.ts';
import type { FileRecord } from '../../../src/node/records.ts';
import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { createPieceHolders } from './support/holders.ts';
import { PIECE, TestNetwork, idOf, inOrder, type ScriptedPeer } from './support/test-network.ts';

const transfer = 'ab'.repeat(16);

/** The pieces a bitmap names. */
function piecesOf({ first, bitmap }: { readonly first: number; readonly bitmap: Uint8Array }): number[] {
  return [...bitmap].flatMap((byte, index) =>
    Array.from({ length: 8 }, (_, bit) => bit)
      .filter((bit) => (byte & (0x80 >> bit)) !== 0)
      .map((bit) => first + 8 * index + bit),
  );
}

/** A node that has got some pieces of a file, and waits for the rest from a holder that reads no further. */
async function createHalfWay({ pieces = 20 } = {}) {
  const scene = createPieceHolders({ size: 40 * PIECE });
  const { network, fetcher, ids, record, sources } = scene;
  const held = deferredReads(sources[0]!.files, pieces);
  const fetched = fetcher.transfers.fetch(record, ids);
  await network.settle();
  const asker = network.scripted(9, () => undefined);
  const peer = network.dialFrom(asker, fetcher.id);
  const ask = (parts: boolean) =>
    peer.send({ type: 'SMFX', address: '', name: record.name, transfer, checksum: record.checksum, parts });
  return { ...scene, ...held, fetched, peer, ask };
}

/** Lets a holder read so many pieces, and what is left of the reading in which they end; the others when told. */
function deferredReads(
  files: { onRead: (bytes: Uint8Array, position: number) => Uint8Array | Promise<Uint8Array> },
  pieces: number,
) {
  let released = 0;
  let goOn: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  files.onRead = async (bytes) => {
    if (released >= pieces) await gate;
    released += bytes.length / PIECE;
    return bytes;
  };
  return { goOn: () => goOn(), released: () => released };
}

describe('a node that is fetching a file', () => {
  test('tells who asks for parts which pieces it has, and serves them', async () => {
    const { bytes, peer, released, ask } = await createHalfWay();
    await ask(true);
    const have = await peer.nextOf('HAVE');
    expect(released()).toBeLessThan(40);
    expect(piecesOf(have)).toEqual(Array.from({ length: released() }, (_, piece) => piece));
    await peer.send({ type: 'REQUEST', transfer, position: 7 * PIECE, length: PIECE });
    const { bytes: got } = await peer.nextOf('DATA');
    expect(Buffer.compare(got, bytes.subarray(7 * PIECE, 8 * PIECE))).toBe(0);
  });

  test('tells of what comes in batches, and of all when it has all', async () => {
    const { network, fetched, goOn, peer, ask } = await createHalfWay();
    await ask(true);
    await peer.nextOf('HAVE');
    goOn();
    await fetched;
    await network.clock.advance(250);
    expect(await peer.nextOf('HAVE')).toMatchObject({ first: 0, bitmap: new Uint8Array() });
  });

  test('refuses who takes a holder for one of everything', async () => {
    const { peer, ask } = await createHalfWay();
    await ask(false);
    expect(await peer.next()).toMatchObject({ type: 'REFUSE', code: 'ERR_NO_SUCH_FILE' });
  });

  test('has its manifest for who asks', async () => {
    const { encoded, record, peer, ask } = await createHalfWay();
    await ask(true);
    const range = { position: 0, length: 100_000 };
    await peer.send({ type: 'MANIFEST_REQUEST', transfer, ...range, manifest: record.manifest });
    expect(await peer.nextOf('MANIFEST')).toMatchObject({ total: encoded.length, position: 0 });
  });

  test('keeps no timer for a peer that is gone', async () => {
    const { network, fetcher, fetched, goOn, peer, ask } = await createHalfWay();
    await ask(true);
    await peer.nextOf('HAVE');
    peer.session.abort(new KernelError('ERR_CONNECTION_LOST', 'gone'));
    goOn();
    await fetched;
    await expectNoTrace(network, fetcher);
  });

  test('tells the network that it has a part after a second, where there are enough pieces, and when that is over', async () => {
    const told: [FileRecord, boolean][] = [];
    const { network, fetcher, record, ids, sources } = createPieceHolders({
      tellPart: (about, isHere) => void told.push([about, isHere]),
    });
    sources[0]!.files.onRead = () => new Promise(() => undefined);
    const failed = expectCode(fetcher.transfers.fetch(record, ids), 'ERR_NO_SOURCE');
    await network.clock.advance(900);
    expect(told).toEqual([]);
    await network.clock.advance(200);
    expect(told).toEqual([[record, true]]);
    await network.clock.advance(60_000);
    await failed;
    expect(told).toEqual([
      [record, true],
      [record, false],
    ]);
  });
});

describe('a holder of a part', () => {
  test('is asked only for what it told of, and the rest comes from the others', async () => {
    const { network, fetcher, bytes, record, encoded, parts, fetch } = createFetcher({ holders: 1, size: 200 * PIECE });
    const asked: number[] = [];
    const part = network.scripted(9, async (peer) => {
      const { transfer: number } = await peer.nextOf('SMFX');
      await peer.send({ type: 'HAVE', transfer: number, first: 96, bitmap: Uint8Array.of(0xff, 0xff) });
      await serve(peer, bytes, encoded, (piece) => asked.push(piece));
    });
    parts.push(part);
    const outcome = await fetch();
    expect(outcome.sources[part]).toBeGreaterThan(0);
    expect(asked.every((piece) => piece >= 96 && piece < 112)).toBe(true);
    expectContent(fetcher, record.name, bytes);
  });

  test('alone gives what it has, and what comes to it', async () => {
    const { network, bytes, record, encoded, parts, fetch } = createFetcher();
    const part = network.scripted(9, async (peer) => {
      const { transfer: number } = await peer.nextOf('SMFX');
      await peer.send({ type: 'HAVE', transfer: number, first: 0, bitmap: Uint8Array.of(0) });
      network.clock.setTimer(2_000, () => {
        void peer.send({ type: 'HAVE', transfer: number, first: 0, bitmap: Uint8Array.of(0xff, 0xff, 0xff, 0xff) });
      });
      network.clock.setTimer(
        4_000,
        () => void peer.send({ type: 'HAVE', transfer: number, first: 32, bitmap: new Uint8Array() }),
      );
      await serve(peer, bytes, encoded);
    });
    parts.push(part);
    const outcome = await fetch();
    expect(outcome.sources).toEqual({ [part]: record.size });
  });

  test('that gets nothing more is not waited for for ever', async () => {
    const { network, fetcher, bytes, record, encoded, parts, fetch } = createFetcher();
    const part = network.scripted(9, async (peer) => {
      const { transfer: number } = await peer.nextOf('SMFX');
      await peer.send({ type: 'HAVE', transfer: number, first: 0, bitmap: Uint8Array.of(0xff) });
      await serve(peer, bytes, encoded);
    });
    parts.push(part);
    await expectCode(fetch(), 'ERR_NO_SOURCE');
    expect(fetcher.files.writtenBytes).toBe(8 * PIECE);
    expect(fetcher.files.suspended.has(record.manifest)).toBe(true);
  });

  test('and another swap what each lacks, found while they fetch', async () => {
    const network = new TestNetwork();
    const line = { delayMs: 5, bytesPerSecond: 50e3 };
    const fromTheEnd: PieceStrategy = {
      ...inOrder,
      select: ({ candidates }, limit) => candidates.toReversed().slice(0, limit),
    };
    const [b, c] = [3, 4].map((n) =>
      network.node(n, {
        pieceStrategy: n === 3 ? inOrder : fromTheEnd,
        sourcesOf: () => [{ holder: idOf(7 - n), isPartial: true }],
      }),
    );
    const holder = network.node(2);
    network.limit(holder.id, line);
    const { bytes, record: plain } = createPieceHolders({ size: 400 * PIECE });
    const record = holder.files.addInPieces(plain, bytes, PIECE);
    const both = Promise.all([b, c].map((node) => node!.transfers.fetch(record, [holder.id])));
    const [ofB, ofC] = await network.until(both);
    for (const node of [b, c]) expectContent(node!, record.name, bytes);
    expect((ofB?.sources[c!.id] ?? 0) + (ofC?.sources[b!.id] ?? 0)).toBeGreaterThan(100 * PIECE);
  });
});

/** Answers requests for pieces and the manifest until the session ends. */
async function serve(
  peer: ScriptedPeer,
  bytes: Uint8Array,
  encoded: Uint8Array,
  onAsked?: (piece: number) => void,
): Promise<void> {
  for (;;) {
    const message = await peer.next();
    if (message.type === 'REQUEST') {
      const { transfer: number, position, length } = message;
      onAsked?.(position / PIECE);
      await peer.send({ type: 'DATA', transfer: number, position, bytes: bytes.slice(position, position + length) });
    } else if (message.type === 'MANIFEST_REQUEST') {
      await peer.send({
        type: 'MANIFEST',
        transfer: message.transfer,
        position: 0,
        total: encoded.length,
        bytes: encoded,
      });
    }
  }
}

/** A fetcher that knows of a node which has a part, and fetches while the clock runs. */
function createFetcher({ holders = 0, size = 40 * PIECE + 17 } = {}) {
  const parts: string[] = [];
  const sourcesOf = () => parts.map((holder) => ({ holder, isPartial: true }));
  const scene = createPieceHolders({ size, holders: Math.max(1, holders), line: { delayMs: 5 }, sourcesOf });
  const { network, fetcher, ids, record } = scene;
  const fetch = () => network.until(fetcher.transfers.fetch(record, holders === 0 ? [] : ids));
  return { ...scene, parts, fetch };
}
