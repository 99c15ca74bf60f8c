import { KernelError } from '../../../src/kernel/index.ts';
import type { DecodedFrame } from '../../../src/node/messages/message.ts';
import { expectCode, expectContent, expectNoTrace } from './support/expectations.ts';
import { contentOf, createPieceHolders } from './support/holders.ts';
import { manifestOf, recordOf } from './support/memory-files.ts';
import { PIECE, type ScriptedPeer } from './support/test-network.ts';

/** What a scripted source does when it is asked for something of the small file. */
type Answer = (peer: ScriptedPeer, message: DecodedFrame & { readonly transfer: string }) => Promise<void>;

const nothing: Answer = async () => undefined;

/**
 * A small file that one of ours holds, and before it a source that is played by hand: this one has a connection with the fetcher, as it brought another file, and
 * answers with `answer` when it is asked for the small one.
 */
async function createScene(answer: Answer, { isAlone = false } = {}) {
  const scene = createPieceHolders({ size: PIECE, isSmallTaken: true });
  const { network, fetcher, bytes: firstBytes, encoded: firstEncoded, record: first, sources } = scene;
  const holder = sources[0]!;
  const transfers = new Set<string>();
  const played = network.scripted(9, async (peer) => {
    for (;;) {
      const message = await peer.next().catch(() => undefined);
      if (message === undefined) return;
      if (message.type === 'SMFX' && message.name === 'small') transfers.add(message.transfer);
      if (!('transfer' in message)) continue;
      const { transfer } = message;
      if (transfers.has(transfer)) await answer(peer, message);
      else if (message.type === 'MANIFEST_REQUEST')
        await peer.send({ type: 'MANIFEST', transfer, position: 0, total: firstEncoded.length, bytes: firstEncoded });
      else if (message.type === 'REQUEST')
        await peer.send({ type: 'DATA', transfer, position: 0, bytes: firstBytes.slice() });
    }
  });
  await network.until(fetcher.transfers.fetch(first, [played]));
  const bytes = contentOf(PIECE).map((byte) => byte ^ 0x55);
  const record = holder.files.addInPieces(recordOf('small', bytes), bytes, PIECE);
  const encoded = manifestOf(record, bytes, PIECE);
  const ids = isAlone ? [played] : [played, holder.id];
  const warned = fetcher.warnings.length;
  return {
    ...scene,
    holder,
    played,
    bytes,
    encoded,
    record,
    fetch: (signal?: AbortSignal) => network.until(fetcher.transfers.fetch(record, ids, { signal })),
    newWarnings: () => fetcher.warnings.slice(warned),
  };
}

/** Serves the small file rightly, but for what `change` makes of the content. */
function serving(change: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes): Answer {
  const bytes = contentOf(PIECE).map((byte) => byte ^ 0x55);
  const encoded = manifestOf(recordOf('small', bytes), bytes, PIECE);
  return async (peer, { transfer, type }) => {
    if (type === 'MANIFEST_REQUEST')
      await peer.send({ type: 'MANIFEST', transfer, position: 0, total: encoded.length, bytes: encoded });
    if (type === 'REQUEST') await peer.send({ type: 'DATA', transfer, position: 0, bytes: change(bytes.slice()) });
  };
}

describe('a small file', () => {
  test('comes whole from a source that we are connected with', async () => {
    const asked: string[] = [];
    const serve = serving();
    const { fetch, fetcher, network, bytes, played } = await createScene(async (peer, message) => {
      asked.push(message.type);
      await serve(peer, message);
    });
    expect((await fetch()).sources).toEqual({ [played]: PIECE });
    await network.settle();
    expect(asked).toEqual(['SMFX', 'MANIFEST_REQUEST', 'REQUEST', 'DONE']);
    expect(fetcher.files.cameWhole).toEqual(['small']);
    expectContent(fetcher, 'small', bytes);
  });

  test('of which a source sends a wrong content is fetched from the next, and the source named once', async () => {
    const refused: unknown[] = [];
    const serve = serving((bytes) => bytes.map((byte) => byte ^ 1));
    const { fetch, fetcher, network, bytes, holder, played, newWarnings } = await createScene(async (peer, message) => {
      if (message.type === 'REFUSE') refused.push(message.code);
      await serve(peer, message);
    });
    expect((await fetch()).sources).toEqual({ [holder.id]: PIECE });
    expectContent(fetcher, 'small', bytes);
    expect(fetcher.logger.named('transfer.piece_rejected').map(({ fields }) => fields['peer'])).toEqual([played]);
    expect(newWarnings().map(({ code }) => code)).toEqual(['ERR_CHECKSUM']);
    await expectNoTrace(network, fetcher, holder);
    expect(refused).toEqual(['ERR_CHECKSUM']);
  });

  test('of which the only source sends a wrong content fails, and says whose it was', async () => {
    const { fetch, fetcher, network, played, newWarnings } = await createScene(
      serving((bytes) => bytes.map((byte) => byte ^ 1)),
      { isAlone: true },
    );
    const error = await expectCode(fetch(), 'ERR_NO_SOURCE');
    expect(error.message).toContain(`${played}: ERR_CHECKSUM`);
    expect(newWarnings()).toHaveLength(1);
    await expectNoTrace(network, fetcher);
  });

  test('is asked of another where the first source does not answer', async () => {
    const { fetch, fetcher, network, holder } = await createScene(nothing);
    const { seconds, sources } = await fetch();
    expect(sources).toEqual({ [holder.id]: PIECE });
    expect(seconds).toBeLessThan(3);
    await expectNoTrace(network, fetcher, holder);
  });

  test('fails where the only source does not answer', async () => {
    const { fetch, fetcher, network } = await createScene(nothing, { isAlone: true });
    await expectCode(fetch(), 'ERR_NO_SOURCE');
    await expectNoTrace(network, fetcher);
  });

  test('is asked for in the usual way where the source refuses it', async () => {
    const { fetch, holder, fetcher } = await createScene(async (peer, { transfer, type }) => {
      if (type === 'REQUEST') await peer.send({ type: 'REFUSE', transfer, code: 'ERR_LIMIT' });
    });
    expect((await fetch()).sources).toEqual({ [holder.id]: PIECE });
    expect(fetcher.files.cameWhole).toEqual([]);
  });

  test('comes from the next where the connection breaks', async () => {
    const { fetch, holder } = await createScene(async (peer) => {
      peer.session.abort(new KernelError('ERR_CONNECTION_LOST', 'cut'));
    });
    expect((await fetch()).sources).toEqual({ [holder.id]: PIECE });
  });

  test.each([
    ['too long', (bytes: Uint8Array) => new Uint8Array(bytes.length + 1)],
    ['too short', (bytes: Uint8Array) => bytes.slice(1)],
  ])('whose content comes %s costs the source the connection', async (_, change) => {
    const { fetch, fetcher, holder } = await createScene(serving(change));
    expect((await fetch()).sources).toEqual({ [holder.id]: PIECE });
    const failed = fetcher.logger.named('transfer.connection_failed');
    expect(failed.map(({ fields }) => fields['code'])).toContain('ERR_MESSAGE');
  });

  test('that does not fit fails as the disk does, and the source is told nothing of it', async () => {
    const { fetch, fetcher, network } = await createScene(serving());
    fetcher.files.failWrite = () => new KernelError('ERR_DISK_FULL', 'full');
    await expectCode(fetch(), 'ERR_DISK_FULL');
    expect(fetcher.files.holds('small', '')).toBe(false);
    await expectNoTrace(network, fetcher);
  });

  test('is given up at once where that is wished, and the source told', async () => {
    const refused: unknown[] = [];
    const controller = new AbortController();
    const { fetch, fetcher, network } = await createScene(async (_peer, message) => {
      if (message.type === 'REQUEST') controller.abort(new KernelError('ERR_ABORTED', 'enough'));
      if (message.type === 'REFUSE') refused.push(message.code);
    });
    await expectCode(fetch(controller.signal), 'ERR_ABORTED');
    await expectNoTrace(network, fetcher);
    expect(refused).toEqual(['ERR_ABORTED']);
  });
});
