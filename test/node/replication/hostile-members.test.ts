import { blake3 } from '../../../src/kit/blake3.ts';
import { encodeManifest, manifestHash } from '../../../src/node/pieces/manifest.ts';
import type { FileRecord } from '../../../src/node/records.ts';
import type { Message } from '../../../src/node/messages/message.ts';
import { RawPeer } from '../../support/raw-peer.ts';
import { SimulatedNetwork, type SimulatedNode } from '../../support/simulated-network.ts';
import { sha256 } from '../transfer/support/memory-files.ts';
import { replicas } from './replicas.ts';

const ADDRESS = '10.0.0.66:66';

let network: SimulatedNetwork;
let keeper: SimulatedNode;
/** Mallory, as a neighbour of the keeper. */
let mallory: RawPeer;
/** The file of an honest node, of which the keeper has the one other copy. */
let kept: FileRecord;

beforeEach(async () => {
  network = new SimulatedNetwork();
  const owner = await network.start(1, { settings: { replicas: 2 }, files: { 'file.txt': 'kept twice' } });
  keeper = await network.start(2, { settings: { replicas: 2 } });
  await network.while(() => keeper.node.add(owner.address));
  await network.clock.advance(5_000);
  mallory = await RawPeer.dial(network, keeper.address);
  await mallory.join(network);
  const told = mallory.received.flatMap((message) => (message.type === 'TIMN' ? [message.own, ...message.others] : []));
  kept = told.flatMap(({ files }) => files).find(({ record }) => record.name === 'file.txt')!.record;
  expect(await replicas(keeper)).toEqual([kept.manifest]);
});
afterEach(async () => {
  mallory.abort();
  await network.end();
});

/** Mallory tells everybody that she holds a content. */
async function claim(record: FileRecord): Promise<void> {
  const statement = { origin: mallory.id, incarnation: 1, sequence: 1, held: true, record };
  await mallory.send({ type: 'FILE', statement });
  await network.clock.advance(100);
}

/** Says something on a transfer connection of Mallory's, and resolves to what the keeper answers. */
async function ask(type: 'KEEP' | 'DROP', record: FileRecord) {
  const peer = await mallory.dialAgain();
  await peer.send({ type, address: ADDRESS, transfer: 'ab'.repeat(16), record });
  await network.clock.advance(100);
  peer.abort();
  return peer.received;
}

/** A file of Mallory's own, and what it takes to serve it. */
function ownFile() {
  const bytes = new TextEncoder().encode('of no worth');
  const about = { name: 'mallory.txt', size: bytes.length, checksum: sha256(bytes), writer: mallory.id };
  const version = new Map([[mallory.id, 1]]);
  const encoded = encodeManifest({ ...about, version, pieceLength: 1_024, hashes: blake3(bytes) });
  const record = { ...about, version, modifiedMs: 0, user: 'mallory', manifest: manifestHash(encoded) };
  return { bytes, encoded, record };
}

/** Has the keeper keep a file, and serves it. */
async function haveKept({ bytes, encoded, record }: ReturnType<typeof ownFile>): Promise<void> {
  const peer = await mallory.dialAgain();
  const transfer = 'cd'.repeat(16);
  await peer.send({ type: 'KEEP', address: ADDRESS, transfer, record });
  const answers: Partial<Record<Message['type'], Message>> = {
    MANIFEST_REQUEST: { type: 'MANIFEST', transfer, position: 0, total: encoded.length, bytes: encoded },
    REQUEST: { type: 'DATA', transfer, position: 0, bytes },
  };
  let heard = 0;
  for (let turn = 0; turn < 50; turn++) {
    for (const { type } of peer.received.slice(heard)) {
      const answer = answers[type as Message['type']];
      if (answer !== undefined) await peer.send(answer);
      heard++;
    }
    await network.clock.advance(10);
  }
  expect(peer.received.at(-1)?.type).toBe('DONE');
  peer.abort();
}

describe('a member of bad will', () => {
  test('cannot have a replica given up by saying that it wrote the file', async () => {
    await claim(kept);
    const answers = await ask('DROP', { ...kept, writer: mallory.id });
    expect(answers).toMatchObject([{ type: 'REFUSE', code: 'ERR_TRANSFER_REFUSED' }]);
    expect(await replicas(keeper)).toEqual([kept.manifest]);
  });

  test('cannot have another replica given up in the place of its own', async () => {
    const own = ownFile();
    await claim(own.record);
    await haveKept(own);
    expect(await replicas(keeper)).toEqual([kept.manifest, own.record.manifest].sort());
    expect(await ask('DROP', { ...own.record, manifest: kept.manifest })).toMatchObject([{ type: 'DONE' }]);
    await network.clock.advance(100);
    expect(await replicas(keeper)).toEqual([kept.manifest]);
  });

  test.each<[string, () => FileRecord | Promise<FileRecord>]>([
    ['without a manifest', () => ({ ...ownFile().record, manifest: '' })],
    [
      'of a version that another covers',
      async () => {
        const { record } = ownFile();
        await claim({ ...record, checksum: 'c'.repeat(64), version: new Map([[mallory.id, 2]]) });
        return record;
      },
    ],
  ])('cannot have a file kept %s', async (_what, makeRecord) => {
    expect(await ask('KEEP', await makeRecord())).toMatchObject([{ type: 'REFUSE', code: 'ERR_TRANSFER_REFUSED' }]);
    expect(await replicas(keeper)).toEqual([kept.manifest]);
  });
});
