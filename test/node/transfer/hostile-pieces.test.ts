import { manifestHash } from '../../../src/node/pieces/manifest.ts';
import type { Message } from '../../../src/node/messages/message.ts';
import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { createPieceHolders } from './support/holders.ts';
import { PIECE, type ScriptedPeer } from './support/test-network.ts';

/** What a liar sends before it serves like anybody. */
type Lie = (scene: {
  readonly transfer: string;
  readonly encoded: Uint8Array;
  readonly bytes: Uint8Array;
}) => readonly Message[];

const SIZE = 40 * PIECE;

/** A fetcher, a holder, and before it a liar that answers the first request for the manifest or a piece with a lie. */
async function fetchPast(after: 'SMFX' | 'MANIFEST_REQUEST' | 'REQUEST', lie: Lie, { isPartial = false } = {}) {
  const liars: string[] = [];
  const sourcesOf = () => (isPartial ? liars.map((holder) => ({ holder, isPartial })) : []);
  const scene = createPieceHolders({ size: SIZE, sourcesOf });
  const { network, fetcher, bytes, encoded, ids, record } = scene;
  const liar = network.scripted(9, async (peer) => {
    const { transfer } = await peer.nextOf('SMFX');
    if (isPartial) await peer.send({ type: 'HAVE', transfer, first: 0, bitmap: Uint8Array.of(0xff) });
    if (after !== 'SMFX') await serveUntil(peer, after, { bytes, encoded });
    for (const message of lie({ transfer, encoded, bytes })) await peer.send(message).catch(() => undefined);
  });
  liars.push(liar);
  const fetched = fetcher.transfers.fetch(record, isPartial ? ids : [liar, ...ids]);
  await network.until(fetched);
  return { ...scene, liar };
}

/** Answers rightly until the first message of a type, which stays without an answer. */
async function serveUntil(
  peer: ScriptedPeer,
  type: Message['type'],
  { bytes, encoded }: { readonly bytes: Uint8Array; readonly encoded: Uint8Array },
): Promise<void> {
  for (;;) {
    const message = await peer.next();
    if (message.type === type) return;
    if (message.type === 'MANIFEST_REQUEST') {
      await peer.send({
        type: 'MANIFEST',
        transfer: message.transfer,
        position: 0,
        total: encoded.length,
        bytes: encoded,
      });
    } else if (message.type === 'REQUEST') {
      const { length, position, transfer } = message;
      await peer.send({ type: 'DATA', transfer, position, bytes: bytes.slice(position, position + length) });
    }
  }
}

const manifestLies: Record<string, readonly [code: string, lie: Lie]> = {
  'with one bit wrong': [
    'ERR_MANIFEST',
    ({ transfer, encoded }) => {
      const wrong = encoded.slice();
      wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
      return [{ type: 'MANIFEST', transfer, position: 0, total: wrong.length, bytes: wrong }];
    },
  ],
  'of another length than asked for': [
    'ERR_MESSAGE',
    ({ transfer, encoded }) => [
      { type: 'MANIFEST', transfer, position: 0, total: encoded.length, bytes: encoded.slice(1) },
    ],
  ],
  'from another position': [
    'ERR_MESSAGE',
    ({ transfer, encoded }) => [{ type: 'MANIFEST', transfer, position: 1, total: encoded.length + 1, bytes: encoded }],
  ],
  twice: [
    'ERR_MESSAGE',
    ({ transfer, encoded }) => {
      const manifest = { type: 'MANIFEST', transfer, position: 0, total: encoded.length, bytes: encoded } as const;
      return [manifest, manifest];
    },
  ],
};

describe('a holder that sends the manifest', () => {
  test.each(Object.entries(manifestLies))('%s loses the connection, and the next is asked', async (_, [code, lie]) => {
    const { network, fetcher, bytes, record } = await fetchPast('MANIFEST_REQUEST', lie);
    expectContent(fetcher, record.name, bytes);
    const failed = fetcher.logger.named('transfer.connection_failed');
    expect(failed.map(({ fields }) => fields['code'])).toEqual([code]);
    expect(fetcher.files.writtenBytes).toBe(SIZE);
    await expectNoTrace(network, fetcher);
  });
});

/** What only somebody of bad will can have: its hash is right. The length of the file stands at 6, the number of pieces at 50 (docs/protocol.md). */
const malformed: Record<string, (encoded: Buffer) => Buffer> = {
  'of another length than its pieces make': (encoded) => {
    encoded.writeBigUInt64BE(BigInt(SIZE + 1), 6);
    return encoded;
  },
  'in which a piece too many overlaps the last': (encoded) => {
    encoded.writeUInt32BE(SIZE / PIECE + 1, 50);
    return Buffer.concat([encoded, encoded.subarray(-32)]);
  },
  'in which a piece is missing': (encoded) => {
    encoded.writeUInt32BE(SIZE / PIECE - 1, 50);
    return encoded.subarray(0, -32);
  },
  'of 2^40 pieces': (encoded) => {
    encoded.writeBigUInt64BE(2n ** 40n * BigInt(PIECE), 6);
    return encoded;
  },
  'with hashes of 31 bytes': (encoded) => encoded.subarray(0, -SIZE / PIECE),
};

describe('a holder that sends a manifest', () => {
  test.each(Object.entries(malformed))('%s loses the connection, and nothing is written', async (_, spoil) => {
    const { network, fetcher, encoded, record } = createPieceHolders({ size: SIZE });
    const bytes = spoil(Buffer.from(encoded));
    const liar = network.scripted(9, async (peer) => {
      const { transfer } = await peer.nextOf('MANIFEST_REQUEST');
      await peer.send({ type: 'MANIFEST', transfer, position: 0, total: bytes.length, bytes });
    });
    const lied = { ...record, manifest: manifestHash(bytes) };
    const error = await expectCode(network.until(fetcher.transfers.fetch(lied, [liar])), 'ERR_NO_SOURCE');
    expect(error.message).toContain(`${liar}: ERR_MANIFEST`);
    expect(fetcher.logger.named('transfer.connection_failed').map(({ fields }) => fields['code'])).toEqual([
      'ERR_MANIFEST',
    ]);
    expect(fetcher.files.writtenBytes).toBe(0);
    await expectNoTrace(network, fetcher);
  });
});

const data = (transfer: string, bytes: Uint8Array, position: number, length = PIECE) =>
  ({ type: 'DATA', transfer, position, bytes: bytes.slice(position, position + length) }) as const;

const dataLies: Record<string, Lie> = {
  'nobody asked for': ({ transfer, bytes }) => [data(transfer, bytes, 7)],
  'longer than asked for': ({ transfer, bytes }) => [data(transfer, bytes, 0, PIECE + 1)],
  'shorter than asked for': ({ transfer, bytes }) => [data(transfer, bytes, 0, PIECE - 1)],
  'beyond the end': ({ transfer }) => [data(transfer, new Uint8Array(2 * SIZE), SIZE)],
  'of another transfer': ({ bytes }) => [data('cd'.repeat(16), bytes, 0)],
  twice: ({ transfer, bytes }) => [data(transfer, bytes, 0), data(transfer, bytes, 0)],
};

describe('a holder that sends data', () => {
  test.each(Object.entries(dataLies))('%s loses the connection, and nothing wrong is written', async (_, lie) => {
    const { network, fetcher, bytes, record } = await fetchPast('REQUEST', lie);
    expectContent(fetcher, record.name, bytes);
    const failed = fetcher.logger.named('transfer.connection_failed');
    expect(failed.map(({ fields }) => fields['code'])).toEqual(['ERR_MESSAGE']);
    expect(fetcher.files.writtenBytes).toBe(SIZE);
    await expectNoTrace(network, fetcher);
  });
});

const have = (transfer: string, first: number, ...bitmap: number[]) =>
  ({ type: 'HAVE', transfer, first, bitmap: Uint8Array.from(bitmap) }) as const;

const haveLies: Record<string, Lie> = {
  'of a piece beyond the last': ({ transfer }) => [have(transfer, 40, 0x80)],
  'of all from beyond the last on': ({ transfer }) => [have(transfer, 48)],
  'that says nothing new': ({ transfer }) => [have(transfer, 0, 0xff)],
  'that says nothing at all': ({ transfer }) => [have(transfer, 0, 0)],
};

describe('a holder of a part that sends a HAVE', () => {
  test.each(Object.entries(haveLies))('%s loses the connection', async (_, lie) => {
    const { network, fetcher, bytes, record } = await fetchPast('REQUEST', lie, { isPartial: true });
    expectContent(fetcher, record.name, bytes);
    const failed = fetcher.logger.named('transfer.connection_failed');
    expect(failed.map(({ fields }) => fields['code'])).toEqual(['ERR_MESSAGE']);
    await expectNoTrace(network, fetcher);
  });

  test('of pieces that the manifest then does not have loses the connection', async () => {
    const lie: Lie = ({ transfer }) => [have(transfer, 800, 0x01)];
    const { fetcher } = await fetchPast('SMFX', lie, { isPartial: true });
    expect(fetcher.logger.named('transfer.connection_failed')).toHaveLength(1);
  });

  test('a million times is stopped when it can say nothing new', async () => {
    let told = 0;
    const lie: Lie = ({ transfer }) => {
      const pieces = Array.from({ length: 41 }, (_, index) => 8 + (index % 32));
      return pieces.map((piece) => (told++, have(transfer, 8 * (piece >>> 3), 0x80 >> (piece & 7))));
    };
    const { fetcher } = await fetchPast('REQUEST', lie, { isPartial: true });
    expect(told).toBe(41);
    expect(fetcher.logger.named('transfer.connection_failed').map(({ fields }) => fields['code'])).toEqual([
      'ERR_MESSAGE',
    ]);
  });
});

test('a holder nobody asked for parts of loses the connection for a HAVE', async () => {
  const { fetcher } = await fetchPast('SMFX', ({ transfer }) => [have(transfer, 0, 0xff)]);
  expect(fetcher.logger.named('transfer.connection_failed').map(({ fields }) => fields['code'])).toEqual([
    'ERR_MESSAGE',
  ]);
});

describe('a peer that asks a holder', () => {
  const transfer = 'ab'.repeat(16);

  async function askHolder(...messages: Message[]) {
    const { network, record, sources, encoded } = createPieceHolders({ size: SIZE });
    const [holder] = sources;
    const peer = network.dialFrom(
      network.scripted(9, () => undefined),
      holder!.id,
    );
    const { name, checksum } = record;
    await peer.send({ type: 'SMFX', address: '', name, transfer, checksum, parts: false });
    for (const message of messages) await peer.send(message);
    await network.settle();
    const failed = holder!.logger.named('transfer.connection_failed').map(({ fields }) => fields['code']);
    return { network, holder: holder!, peer, failed, record, encoded };
  }

  test.each<[string, Message]>([
    ['for bytes beyond the end', { type: 'REQUEST', transfer, position: SIZE - 1, length: 2 }],
    [
      'for a manifest beyond its end',
      { type: 'MANIFEST_REQUEST', transfer, position: 2 ** 30, length: 1, manifest: 'X' },
    ],
    ['with a manifest of its own', { type: 'MANIFEST', transfer, position: 0, total: 1, bytes: new Uint8Array(1) }],
    ['with a HAVE', { type: 'HAVE', transfer, first: 0, bitmap: new Uint8Array(1) }],
  ])('%s loses the connection', async (_, message) => {
    const { record } = createPieceHolders({ size: SIZE });
    const asked = message.type === 'MANIFEST_REQUEST' ? { ...message, manifest: record.manifest } : message;
    const { network, holder, peer, failed } = await askHolder(asked);
    expect(failed).toEqual(['ERR_MESSAGE']);
    expect(peer.session.ended).toBe(true);
    await expectNoTrace(network, holder);
  });

  test('for another manifest is told that there is none', async () => {
    const { peer, failed } = await askHolder({
      ...{ type: 'MANIFEST_REQUEST', transfer, position: 0, length: 100 },
      manifest: 'ab'.repeat(32),
    });
    expect(await peer.nextOf('MANIFEST')).toMatchObject({ total: 0 });
    expect(failed).toEqual([]);
  });

  test('too much at once loses the connection with ERR_LIMIT', async () => {
    const { network, sources, record } = createPieceHolders({ size: SIZE });
    const [holder] = sources;
    holder!.files.onRead = () => new Promise(() => undefined);
    const peer = network.dialFrom(
      network.scripted(9, () => undefined),
      holder!.id,
    );
    const { name, checksum, manifest } = record;
    await peer.send({ type: 'SMFX', address: '', name, transfer, checksum, parts: false });
    await peer.send({ type: 'REQUEST', transfer, position: 0, length: 1 });
    const request = { type: 'MANIFEST_REQUEST', transfer, position: 0, length: 1, manifest } as const;
    for (let n = 0; n < 1_030; n++) await peer.send(request).catch(() => undefined);
    await network.settle();
    expect(holder!.logger.named('transfer.connection_failed').map(({ fields }) => fields['code'])).toEqual([
      'ERR_LIMIT',
    ]);
  });
});

test('a file of which no holder has a right piece is given up, with nothing written', async () => {
  const { fetcher, record, ids, sources } = createPieceHolders({ holders: 3 });
  for (const { files } of sources) files.onRead = (bytes) => bytes.map((byte) => byte ^ 1);
  const error = await expectCode(fetcher.transfers.fetch(record, ids), 'ERR_NO_SOURCE');
  for (const id of ids) expect(error.message).toContain(`${id}: ERR_CHECKSUM`);
  expect(fetcher.files.writtenBytes).toBe(0);
});
