import { z } from 'zod';
import { definePlugin, type Cipher } from '../../../kernel/index.ts';

const options = z.strictObject({});

const plain: Cipher = {
  name: 'none',
  authenticated: false,
  keyLength: 0,
  overhead: 0,
  create: (key) => {
    if (key.length !== 0) throw new RangeError(`the cipher none takes no key, got ${key.length} bytes`);
    return { seal: (_sequence, plaintext) => plaintext, open: (_sequence, record) => record };
  },
};

/** Records as they are: to see what goes over a wire, and to measure what the other ciphers cost. */
export const none = definePlugin({
  name: 'none',
  kind: 'cipher',
  about: 'No protection of what follows the handshake: to look at the wire and to measure; loopback only.',
  options,
  create: () => plain,
});
