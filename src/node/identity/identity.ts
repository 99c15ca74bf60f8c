import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { NodeId } from '../../kernel/index.ts';
import { sha256 } from '../../kit/sha256.ts';
import { privateKeyOf, publicKeyOf } from '../okp-keys.ts';

/** Bytes of an Ed25519 seed and of a public key. */
export const ED25519_KEY_LENGTH = 32;
/** Bytes of an Ed25519 signature. */
export const SIGNATURE_LENGTH = 64;

/** Who this node is, and the means to prove it. The private key stays within. */
export interface Identity {
  readonly id: NodeId;
  /** The raw Ed25519 public key. */
  readonly publicKey: Uint8Array;
  /** A signature of SIGNATURE_LENGTH bytes. */
  sign(text: Uint8Array): Uint8Array;
}

/** The private key of 32 random bytes. */
export function privateKeyFromSeed(seed: Uint8Array): KeyObject {
  return privateKeyOf('Ed25519', seed);
}

/** The identity of an Ed25519 private key. */
export function identityFrom(privateKey: KeyObject): Identity {
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicKey = Uint8Array.from(Buffer.from(x, 'base64url'));
  return { id: nodeIdOf(publicKey), publicKey, sign: (text) => sign(null, text, privateKey) };
}

/** First 16 bytes of SHA-256 of the public key, in hex. */
export function nodeIdOf(publicKey: Uint8Array): NodeId {
  return sha256(publicKey).slice(0, 32);
}

/** Whether the signature is the key owner's over the text. */
export function isSignedBy(publicKey: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, text, publicKeyOf('Ed25519', publicKey), signature);
}
