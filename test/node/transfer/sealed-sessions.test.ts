import { settingsSchema, type NodeId, type Session } from '../../../src/kernel/index.ts';
import { seededRandom } from '../../../src/kit/index.ts';
import { decodeFrame } from '../../../src/node/messages/codec.ts';
import type { SdfxMessage, SmfxMessage } from '../../../src/node/messages/message.ts';
import { Transfers } from '../../../src/node/transfer/transfers.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { LinkWorld, identityOf } from '../link/link-world.ts';
import { MemoryFiles, recordOf, sha256 } from './support/memory-files.ts';

/** Two nodes whose sessions are the real ones: sealed, over the memory transport. */
async function createPair() {
  const world = new LinkWorld();
  const addresses = new Map<NodeId, string>();
  const create = async (number: number) => {
    const { id } = identityOf(number);
    const transport = world.node({ identity: identityOf(number) });
    const listener = await transport.listen(`10.0.0.${number}:7000`);
    addresses.set(id, listener.address);
    const files = new MemoryFiles();
    const transfers = new Transfers({
      peers: { dial: (to, options) => transport.dial(addresses.get(to) ?? '', options), tunnel: () => undefined },
      files,
      pieceStrategy: { pieceLength: () => 65_536, select: ({ candidates }, limit) => candidates.slice(0, limit) },
      clock: world.clock,
      random: seededRandom(number),
      logger: new RecordingLogger(),
      settings: settingsSchema.parse({}),
      self: { id, address: () => listener.address },
    });
    void (async () => {
      for await (const session of listener) void acceptFirst(session, transfers);
    })();
    const close = () => Promise.all([transfers.close(), listener.close()]);
    return { id, files, transfers, close };
  };
  return { world, a: await create(1), b: await create(2) };
}

/** What the accepting node does: it reads the first frame, and who iterates after it gets the rest. */
async function acceptFirst(session: Session, transfers: Transfers): Promise<void> {
  const { value } = (await session[Symbol.asyncIterator]().next()) as IteratorYieldResult<Uint8Array>;
  transfers.accept(session, decodeFrame(value) as SmfxMessage | SdfxMessage);
}

test('files go both ways over one sealed session', async () => {
  const { world, a, b } = await createPair();
  const bytes = seededRandom(3).bytes(1_000_000);
  const record = b.files.add(recordOf('report', bytes), bytes);
  const other = a.files.add(recordOf('reply', bytes), bytes);
  const done = Promise.all([a.transfers.fetch(record, [b.id]), a.transfers.offer(other, [b.id])]);
  await world.clock.advance(0);
  const [fetched, sent] = await done;
  expect(fetched.sources).toEqual({ [b.id]: bytes.length });
  expect(sent).toEqual([{ id: b.id, result: 'received' }]);
  expect(sha256(a.files.contents.get('report')!)).toBe(record.checksum);
  expect(sha256(b.files.contents.get('reply')!)).toBe(record.checksum);
  await Promise.all([a.close(), b.close()]);
});
