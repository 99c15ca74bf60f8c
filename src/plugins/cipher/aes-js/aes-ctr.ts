import aesjs from 'aes-js';

export const AES_KEY_LENGTH = 32;
export const AES_BLOCK_LENGTH = 16;

/**
 * AES-256 in counter mode (NIST SP 800-38A, section 6.5), in JavaScript alone. Enciphering and deciphering are the same. The counter
 * block is one big-endian number, counted up by one for each 16 bytes; it is not changed, nor are the bytes.
 */
export function aesCtr(key: Uint8Array, counterBlock: Uint8Array, bytes: Uint8Array): Uint8Array {
  return new aesjs.ModeOfOperation.ctr(key, new aesjs.Counter(counterBlock)).encrypt(bytes);
}
