/** Seals the records of sessions. Knows no keys of its own, no sequence numbers, no peers. */
export interface Cipher {
  /** What both ends must agree on; stands in the hello and in the key derivation. Printable ASCII, at most 32 characters. */
  readonly name: string;
  /** Whether `open` refuses every changed record. Where false, nodes keep to loopback unless told otherwise. */
  readonly authenticated: boolean;
  /** Bytes of key that `create` wants; 0 where none is used. */
  readonly keyLength: number;
  /** Bytes a sealed record is longer than its plaintext; at most FRAME_OVERHEAD_ALLOWANCE. */
  readonly overhead: number;
  /** One direction of one session. The key is copied. Throws RangeError where its length is not `keyLength`. */
  create(key: Uint8Array): RecordCipher;
}

/** Seals or opens the records of one direction, synchronously. The sequence number is the nonce: never seal twice with one. */
export interface RecordCipher {
  /** The record for a plaintext: `overhead` bytes longer. The plaintext is not changed. */
  seal(sequence: bigint, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or throws ERR_CIPHER_REJECTED where the record was not sealed with this key and sequence. */
  open(sequence: bigint, record: Uint8Array): Uint8Array;
}
