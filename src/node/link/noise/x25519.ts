import { diffieHellman, type KeyObject } from 'node:crypto';
import { KernelError } from '../../../kernel/index.ts';
import { privateKeyOf, publicKeyOf } from '../../okp-keys.ts';

/** Bytes of a private key, a public key and a shared secret (RFC 7748). */
export const X25519_LENGTH = 32;

/** An X25519 key pair; the private half stays within the key object. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** The key pair of 32 random bytes. */
export function keyPairFrom(secret: Uint8Array): KeyPair {
  const privateKey = privateKeyOf('X25519', secret);
  const { x = '' } = privateKey.export({ format: 'jwk' });
  return { privateKey, publicKey: Uint8Array.from(Buffer.from(x, 'base64url')) };
}

/**
 * The shared secret of our private and the peer's public key.
 *
 * @throws ERR_HANDSHAKE where it would be all zeros: the peer chose a point of low order, and with it a secret that everybody knows.
 */
export function sharedSecret(own: KeyPair, peer: Uint8Array): Uint8Array {
  const publicKey = publicKeyOf('X25519', peer);
  let secret: Uint8Array;
  try {
    secret = diffieHellman({ privateKey: own.privateKey, publicKey });
  } catch (error) {
    // OpenSSL refuses points of low order by itself; other implementations behind node:crypto need not.
    throw noSecret({ cause: error });
  }
  if (secret.every((byte) => byte === 0)) throw noSecret();
  return secret;
}

function noSecret(options?: ErrorOptions): KernelError {
  return new KernelError('ERR_HANDSHAKE', 'the peer sent a public key that no secret comes of', options);
}
