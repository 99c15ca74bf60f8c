import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto';
import { KernelError, type RecordCipher } from '../../../kernel/index.ts';
import { AES_BLOCK_LENGTH, AES_KEY_LENGTH, aesCtr } from './aes-ctr.ts';

export const AES_JS_KEY_LENGTH = 32;
export const AES_JS_TAG_LENGTH = 32;

const SEQUENCE_LENGTH = 8;
const NO_SALT = new Uint8Array(0);

/**
 * Records of AES-256-CTR, encrypt-then-MAC: ciphertext, then the HMAC-SHA-256 of sequence number (64 bits, big-endian) and ciphertext.
 * The counter block is the sequence number in 64 bits and the number of the block within the record in 64 more, so that no two
 * records share a piece of key stream, however long they are.
 */
export class AesJsRecords implements RecordCipher {
  readonly #encryptionKey: Uint8Array;
  readonly #authenticationKey: KeyObject;

  constructor(key: Uint8Array) {
    if (key.length !== AES_JS_KEY_LENGTH) {
      throw new RangeError(`aes-js wants a key of ${AES_JS_KEY_LENGTH} bytes, got ${key.length}`);
    }
    this.#encryptionKey = derive(key, 'peerhold aes-js encryption', AES_KEY_LENGTH);
    this.#authenticationKey = createSecretKey(derive(key, 'peerhold aes-js authentication', AES_JS_TAG_LENGTH));
  }

  seal(sequence: bigint, plaintext: Uint8Array): Uint8Array {
    const counterBlock = counterBlockOf(sequence);
    const ciphertext = aesCtr(this.#encryptionKey, counterBlock, plaintext);
    const record = new Uint8Array(plaintext.length + AES_JS_TAG_LENGTH);
    record.set(ciphertext);
    record.set(this.#tag(counterBlock, ciphertext), plaintext.length);
    return record;
  }

  open(sequence: bigint, record: Uint8Array): Uint8Array {
    const end = record.length - AES_JS_TAG_LENGTH;
    if (end < 0) throw new KernelError('ERR_CIPHER_REJECTED', `record ${sequence} is shorter than its tag`);
    const counterBlock = counterBlockOf(sequence);
    const ciphertext = record.subarray(0, end);
    if (!timingSafeEqual(this.#tag(counterBlock, ciphertext), record.subarray(end))) {
      throw new KernelError('ERR_CIPHER_REJECTED', `record ${sequence} is not what was sealed`);
    }
    return aesCtr(this.#encryptionKey, counterBlock, ciphertext);
  }

  #tag(counterBlock: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    // The sequence number has always the same length, so that no other pair of number and ciphertext reads the same.
    return createHmac('sha256', this.#authenticationKey)
      .update(counterBlock.subarray(0, SEQUENCE_LENGTH))
      .update(ciphertext)
      .digest();
  }
}

/** The counter block of a record's first 16 bytes. A number beyond 64 bits throws RangeError. */
function counterBlockOf(sequence: bigint): Uint8Array {
  const block = Buffer.alloc(AES_BLOCK_LENGTH);
  block.writeBigUInt64BE(sequence);
  return block;
}

/** HKDF with SHA-256 (RFC 5869): one key never serves two purposes. */
function derive(key: Uint8Array, purpose: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, NO_SALT, purpose, length));
}
