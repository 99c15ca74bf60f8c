import type { Cipher } from '../../../src/kernel/index.ts';
import { aesGcm, aesJs } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { LinkWorld, sharedKeyOf, type NodeTerms } from './link-world.ts';

const HERE = '10.0.0.1:7000';
const gcm = createPlugin(aesGcm());
const js = createPlugin(aesJs());

/** The one line that each end has of a dial that leads to no session. */
async function failedDial(dialling: NodeTerms, listening: NodeTerms) {
  const world = new LinkWorld();
  await world.node(listening).listen(HERE);
  const error: unknown = await world
    .node(dialling)
    .dial(HERE)
    .catch((reason: unknown) => reason);
  await world.clock.advance(0);
  return { dialler: error, listener: world.logger.named('handshake.failed').map(({ fields }) => fields) };
}

describe('nodes of two authenticating ciphers', () => {
  const pairs: [Cipher, Cipher][] = [
    [js, gcm],
    [gcm, js],
  ];

  test.each(pairs)('$name dials $name: one line at both ends names the two', async (dialling, listening) => {
    const { dialler, listener } = await failedDial({ cipher: dialling }, { cipher: listening });
    expect(dialler).toMatchObject({
      code: 'ERR_CIPHER_DIFFERS',
      message: `${HERE}: the peer uses the cipher ${listening.name}, this node ${dialling.name}`,
    });
    expect(listener).toMatchObject([
      {
        code: 'ERR_CIPHER_DIFFERS',
        message: `the peer uses the cipher ${dialling.name}, this node ${listening.name}`,
      },
    ]);
  });

  test.each(pairs)(
    'with another key as well are told of the key, which is what has to be right first',
    async (a, b) => {
      const { dialler, listener } = await failedDial({ cipher: a, sharedKey: sharedKeyOf(1) }, { cipher: b });
      expect(dialler).toMatchObject({ code: 'ERR_KEY_DIFFERS' });
      expect(listener).toMatchObject([{ code: 'ERR_KEY_DIFFERS' }]);
    },
  );

  test('meet where both use aes-js', async () => {
    const world = new LinkWorld();
    const listener = await world.node({ cipher: js }).listen(HERE);
    const near = await world.node({ cipher: js }).dial(HERE);
    await near.send(Uint8Array.of(1, 2, 3));
    for await (const far of listener) {
      expect(far.authenticated).toBe(true);
      for await (const frame of far) {
        expect(frame).toEqual(Uint8Array.of(1, 2, 3));
        return;
      }
    }
  });
});
