import { KernelError, errorCode, type Cipher, type RecordCipher } from '../../kernel/index.ts';
import { nextSecret, recordKey } from './key-schedule.ts';
import type { Scratch } from './scratch.ts';

/** Records sealed with one key, in each direction; then both ends go on to the next. */
export const RECORDS_PER_KEY = 2 ** 24;

/** First byte of every plaintext: what the rest is. A closing mark has no rest. */
const RECORD_KINDS = { frame: 0, close: 1 } as const;
type RecordKind = keyof typeof RECORD_KINDS;

/** Bytes that a record has beside the frame and the cipher's overhead. */
export const RECORD_HEADER_LENGTH = 1;

export interface RecordStreamOptions {
  readonly cipher: Cipher;
  /** Of this direction, from the handshake. */
  readonly secret: Uint8Array;
  /** RECORDS_PER_KEY; both ends must have the same. */
  readonly recordsPerKey?: number;
}

/** Seals the records of one direction: sequence numbers from 0, without a gap. */
export class RecordSealer {
  readonly #keys: RecordKeys;
  readonly #scratch: Scratch;

  constructor(options: RecordStreamOptions & { readonly scratch: Scratch }) {
    this.#keys = new RecordKeys(options);
    this.#scratch = options.scratch;
  }

  /** The next record. It must go out, and before the one after it. */
  seal(kind: RecordKind, body: Uint8Array): Uint8Array {
    const plaintext = this.#scratch.borrow(RECORD_HEADER_LENGTH + body.length);
    plaintext[0] = RECORD_KINDS[kind];
    plaintext.set(body, RECORD_HEADER_LENGTH);
    const { sequence, records } = this.#keys.next();
    const record = records.seal(sequence, plaintext);
    // A cipher that only passes bytes on may yield the very memory it was given.
    if (record.buffer === plaintext.buffer) this.#scratch.surrender();
    return record;
  }
}

/** Opens the records of one direction, in the order in which they were sealed. */
export class RecordOpener {
  readonly #keys: RecordKeys;

  constructor(options: RecordStreamOptions) {
    this.#keys = new RecordKeys(options);
  }

  /**
   * What the next record holds; the body lies within the opened record.
   *
   * @throws ERR_CIPHER_REJECTED where it is not the next record as it was sealed; nothing after it can be opened then.
   */
  open(record: Uint8Array): { readonly kind: RecordKind; readonly body: Uint8Array } {
    const { sequence, records } = this.#keys.next();
    const plaintext = openRecord(records, sequence, record);
    // Not `subarray`: of a Buffer it would be one, whose `slice` shares memory.
    const { buffer, byteOffset, length } = plaintext;
    if (plaintext[0] === RECORD_KINDS.frame) {
      return { kind: 'frame', body: new Uint8Array(buffer, byteOffset + RECORD_HEADER_LENGTH, length - 1) };
    }
    if (plaintext[0] === RECORD_KINDS.close && length === RECORD_HEADER_LENGTH) {
      return { kind: 'close', body: new Uint8Array(0) };
    }
    throw new KernelError('ERR_CIPHER_REJECTED', `record ${sequence} is neither a frame nor a closing mark`);
  }
}

function openRecord(records: RecordCipher, sequence: bigint, record: Uint8Array): Uint8Array {
  try {
    return records.open(sequence, record);
  } catch (error) {
    if (errorCode(error) === 'ERR_CIPHER_REJECTED') throw error;
    throw new KernelError('ERR_CIPHER_REJECTED', `record ${sequence} cannot be opened`, { cause: error });
  }
}

/** The keys and sequence numbers of one direction. */
class RecordKeys {
  readonly #cipher: Cipher;
  readonly #recordsPerKey: bigint;
  #secret: Uint8Array;
  #records: RecordCipher;
  #sequence = 0n;

  constructor({ cipher, secret, recordsPerKey = RECORDS_PER_KEY }: RecordStreamOptions) {
    this.#cipher = cipher;
    this.#recordsPerKey = BigInt(recordsPerKey);
    this.#secret = secret;
    this.#records = this.#create();
  }

  /** The sequence number of the next record and what seals it. Numbers go on when the key changes. */
  next(): { readonly sequence: bigint; readonly records: RecordCipher } {
    const sequence = this.#sequence++;
    if (sequence > 0n && sequence % this.#recordsPerKey === 0n) {
      this.#secret = nextSecret(this.#secret);
      this.#records = this.#create();
    }
    return { sequence, records: this.#records };
  }

  #create(): RecordCipher {
    const { name, keyLength } = this.#cipher;
    return this.#cipher.create(recordKey(this.#secret, name, keyLength));
  }
}
