import { z } from 'zod';
import { definePlugin, type Cipher } from '../../../kernel/index.ts';
import { AES_GCM_KEY_LENGTH, AES_GCM_TAG_LENGTH, AesGcmRecords } from './aes-gcm-records.ts';

const options = z.strictObject({});

const aesGcmCipher: Cipher = {
  name: 'aes-gcm',
  authenticated: true,
  keyLength: AES_GCM_KEY_LENGTH,
  overhead: AES_GCM_TAG_LENGTH,
  create: (key) => new AesGcmRecords(key),
};

/** AES-256-GCM by the system's OpenSSL, with the processor's AES where it has one. */
export const aesGcm = definePlugin({
  name: 'aes-gcm',
  kind: 'cipher',
  about: 'AES-256-GCM from node:crypto: encrypted and authenticated, at the speed of the hardware. The default.',
  options,
  create: () => aesGcmCipher,
});
