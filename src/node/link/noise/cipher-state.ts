import { createCipheriv, createDecipheriv } from 'node:crypto';
import { KernelError } from '../../../kernel/index.ts';

/** Bytes of the tag: what each ciphertext is longer than its plaintext. */
export const CIPHER_TAG_LENGTH = 16;

const ALGORITHM = 'aes-256-gcm';

/** AES-256-GCM under one key with a counting nonce: Noise's CipherState (section 5.1) with the AESGCM functions (section 12.4). */
export class CipherState {
  readonly #key: Uint8Array;
  #counter = 0n;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** The ciphertext, `CIPHER_TAG_LENGTH` bytes longer. */
  encrypt(associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const cipher = createCipheriv(ALGORITHM, this.#key, this.#nextNonce()).setAAD(associated);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws ERR_HANDSHAKE where the ciphertext is not what the other end made of this key, counter and associated data. */
  decrypt(associated: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    const end = ciphertext.length - CIPHER_TAG_LENGTH;
    if (end < 0) throw new KernelError('ERR_HANDSHAKE', 'a handshake message is too short');
    const decipher = createDecipheriv(ALGORITHM, this.#key, this.#nextNonce(), { authTagLength: CIPHER_TAG_LENGTH })
      .setAAD(associated)
      .setAuthTag(ciphertext.subarray(end));
    try {
      return Buffer.concat([decipher.update(ciphertext.subarray(0, end)), decipher.final()]);
    } catch (error) {
      throw new KernelError('ERR_HANDSHAKE', 'a handshake message is forged, replayed or damaged', { cause: error });
    }
  }

  /** 32 zero bits, then the counter in 64, big-endian; a counter that does not fit throws RangeError instead of repeating. */
  #nextNonce(): Uint8Array {
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(this.#counter++, 4);
    return nonce;
  }
}
