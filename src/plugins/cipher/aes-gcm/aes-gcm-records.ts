import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { KernelError, type RecordCipher } from '../../../kernel/index.ts';
import { uninitialised } from '../../../kit/index.ts';
import { discard } from '../../../kit/world/discard.ts';

export const AES_GCM_KEY_LENGTH = 32;
export const AES_GCM_TAG_LENGTH = 16;

const ALGORITHM = 'aes-256-gcm';
const NONCE_LENGTH = 12;

/** Records of AES-256-GCM (NIST SP 800-38D): ciphertext, then tag. The nonce is 32 zero bits and the sequence number in 64, big-endian. */
export class AesGcmRecords implements RecordCipher {
  readonly #key: KeyObject;
  readonly #nonce = Buffer.alloc(NONCE_LENGTH);

  constructor(key: Uint8Array) {
    if (key.length !== AES_GCM_KEY_LENGTH) {
      throw new RangeError(`aes-gcm wants a key of ${AES_GCM_KEY_LENGTH} bytes, got ${key.length}`);
    }
    this.#key = createSecretKey(key);
  }

  seal(sequence: bigint, plaintext: Uint8Array): Uint8Array {
    const cipher = createCipheriv(ALGORITHM, this.#key, this.#nonceOf(sequence));
    const record = uninitialised(plaintext.length + AES_GCM_TAG_LENGTH);
    const ciphertext = cipher.update(plaintext);
    record.set(ciphertext);
    discard(ciphertext);
    cipher.final();
    record.set(cipher.getAuthTag(), plaintext.length);
    return record;
  }

  open(sequence: bigint, record: Uint8Array): Uint8Array {
    const end = record.length - AES_GCM_TAG_LENGTH;
    if (end < 0) throw new KernelError('ERR_CIPHER_REJECTED', `record ${sequence} is shorter than its tag`);
    const decipher = createDecipheriv(ALGORITHM, this.#key, this.#nonceOf(sequence), {
      authTagLength: AES_GCM_TAG_LENGTH,
    }).setAuthTag(record.subarray(end));
    const plaintext = decipher.update(record.subarray(0, end));
    try {
      decipher.final();
    } catch (error) {
      throw new KernelError('ERR_CIPHER_REJECTED', `record ${sequence} is not what was sealed`, { cause: error });
    }
    return plaintext;
  }

  /** OpenSSL takes its own copy, so that one buffer serves all records. A number beyond 64 bits throws RangeError. */
  #nonceOf(sequence: bigint): Uint8Array {
    this.#nonce.writeBigUInt64BE(sequence, NONCE_LENGTH - 8);
    return this.#nonce;
  }
}
