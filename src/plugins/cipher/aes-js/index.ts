import { z } from 'zod';
import { definePlugin, type Cipher } from '../../../kernel/index.ts';
import { AES_JS_KEY_LENGTH, AES_JS_TAG_LENGTH, AesJsRecords } from './aes-js-records.ts';

const options = z.strictObject({});

const aesJsCipher: Cipher = {
  name: 'aes-js',
  authenticated: true,
  keyLength: AES_JS_KEY_LENGTH,
  overhead: AES_JS_TAG_LENGTH,
  create: (key) => new AesJsRecords(key),
};

/** AES-256-CTR in JavaScript with HMAC-SHA-256, for where there is no native AES. */
export const aesJs = definePlugin({
  name: 'aes-js',
  kind: 'cipher',
  about: 'AES-256-CTR by the aes-js package and HMAC-SHA-256: for runtimes without native AES; some 10 MB/s.',
  options,
  create: () => aesJsCipher,
});
