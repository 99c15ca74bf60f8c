import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { KernelError } from '../../../kernel/index.ts';

/** Bytes of a private key, a public key and a shared secret (RFC 7748). */
export const X25519_LENGTH = 32;

/** An X25519 key pair; the private half stays within the key object. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** DER up to where the raw key follows (RFC 8410): PKCS#8 for a private key, SubjectPublicKeyInfo for a public one. */
const PKCS8_PREFIX = Uint8Array.from(Buffer.from('302e020100300506032b656e04220420', 'hex'));
const SPKI_PREFIX = Uint8Array.from(Buffer.from('302a300506032b656e032100', 'hex'));

/** The key pair of 32 random bytes. */
export function keyPairFrom(secret: Uint8Array): KeyPair {
  const der = Buffer.concat([PKCS8_PREFIX, secret]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: Uint8Array.from(spki.subarray(SPKI_PREFIX.length)) };
}

/**
 * The shared secret of our private and the peer's public key.
 *
 * @throws ERR_HANDSHAKE where it would be all zeros: the peer chose a point of low order, and with it a secret that everybody knows.
 */
export function sharedSecret(own: KeyPair, peer: Uint8Array): Uint8Array {
  const der = Buffer.concat([SPKI_PREFIX, peer]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  let secret: Uint8Array;
  try {
    secret = diffieHellman({ privateKey: own.privateKey, publicKey });
  } catch (error) {
    // OpenSSL refuses points of low order by itself; other implementations behind node:crypto need not.
    throw new KernelError('ERR_HANDSHAKE', 'the peer sent a public key that no secret comes of', { cause: error });
  }
  if (secret.every((byte) => byte === 0)) {
    throw new KernelError('ERR_HANDSHAKE', 'the peer sent a public key that no secret comes of');
  }
  return secret;
}
