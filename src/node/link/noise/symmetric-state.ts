import { createHash, createHmac } from 'node:crypto';
import { CIPHER_TAG_LENGTH, CipherState } from './cipher-state.ts';

/** Bytes of SHA-256. */
const HASH_LENGTH = 32;

/** The running key and transcript of a handshake: Noise's SymmetricState (section 5.2) with SHA256. */
export class SymmetricState {
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #cipher: CipherState | undefined;

  constructor(protocolName: string) {
    const name = Buffer.from(protocolName, 'ascii');
    this.#hash = name.length <= HASH_LENGTH ? Buffer.concat([name], HASH_LENGTH) : sha256(name);
    this.#chainingKey = this.#hash;
  }

  /** Hash of all that was sent so far; after the last message it names this handshake and no other. */
  get hash(): Uint8Array {
    return Uint8Array.from(this.#hash);
  }

  /** Bytes that `encryptAndHash` adds now. */
  get overhead(): number {
    return this.#cipher === undefined ? 0 : CIPHER_TAG_LENGTH;
  }

  mixKey(material: Uint8Array): void {
    const [chainingKey, key] = derive(this.#chainingKey, material);
    this.#chainingKey = chainingKey;
    this.#cipher = new CipherState(key);
  }

  mixHash(bytes: Uint8Array): void {
    this.#hash = sha256(this.#hash, bytes);
  }

  mixKeyAndHash(material: Uint8Array): void {
    const [chainingKey, hash, key] = deriveThree(this.#chainingKey, material);
    this.#chainingKey = chainingKey;
    this.mixHash(hash);
    this.#cipher = new CipherState(key);
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipher?.encrypt(this.#hash, plaintext) ?? plaintext;
    this.mixHash(ciphertext);
    return ciphertext;
  }

  /** @throws ERR_HANDSHAKE where the ciphertext does not fit key and transcript. */
  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.#cipher?.decrypt(this.#hash, ciphertext) ?? ciphertext;
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** The two keys that come of the handshake: for what the initiator sends, and for what the responder sends. */
  split(): readonly [initiator: Uint8Array, responder: Uint8Array] {
    return derive(this.#chainingKey, new Uint8Array(0));
  }
}

/** Noise's HKDF with two outputs (section 4.3): RFC 5869 with the chaining key as salt and no info. */
function derive(chainingKey: Uint8Array, material: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const { first, second } = expand(chainingKey, material);
  return [first, second];
}

/** The same with three. */
function deriveThree(chainingKey: Uint8Array, material: Uint8Array): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const { secret, first, second } = expand(chainingKey, material);
  return [first, second, hmac(secret, second, Uint8Array.of(3))];
}

function expand(chainingKey: Uint8Array, material: Uint8Array) {
  const secret = hmac(chainingKey, material);
  const first = hmac(secret, Uint8Array.of(1));
  return { secret, first, second: hmac(secret, first, Uint8Array.of(2)) };
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const computation = createHmac('sha256', key);
  for (const part of parts) computation.update(part);
  return computation.digest();
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const computation = createHash('sha256');
  for (const part of parts) computation.update(part);
  return computation.digest();
}
