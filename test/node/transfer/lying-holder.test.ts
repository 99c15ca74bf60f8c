import { expectCode, expectNoTrace } from './support/expectations.ts';
import { createHolders } from './support/holders.ts';
import { PIECE, type ScriptedPeer } from './support/test-network.ts';

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
      const { network, fetcher, bytes, record, ids, sources } = createHolders();
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
    const { network, fetcher, bytes, record, ids } = createHolders();
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
    const { network, fetcher, record, ids } = createHolders();
    const liar = network.scripted(9, answer);
    const outcome = await fetcher.transfers.fetch(record, [liar, ...ids]);
    expect(outcome.sources).toEqual({ [ids[0]!]: record.size });
    expect(fetcher.logger.named('transfer.connection_failed')).toHaveLength(1);
  });

  test('refuses with a code nobody knows: that is told', async () => {
    const { network, fetcher, record } = createHolders();
    const holder = network.scripted(9, async (peer) => {
      const { transfer } = await peer.nextOf('SMFX');
      await peer.send({ type: 'REFUSE', transfer, code: 'ERR_FROM_THE_FUTURE' });
    });
    const error = await expectCode(fetcher.transfers.fetch(record, [holder]), 'ERR_NO_SOURCE');
    expect(error.message).toContain('ERR_TRANSFER_REFUSED');
    expect(error.message).toContain('ERR_FROM_THE_FUTURE');
  });
});
