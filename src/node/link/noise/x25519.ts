import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { KernelError } from '../../../kernel/index.ts';

/** Bytes of a private key, a public key and a shared secret (RFC 7748). */
export const X25519_LENGTH = 32;

/** An X25519 key pair; the private half stays within the key object. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** PKCS#8 in DER, up to where the raw private key follows (RFC 8410). */
const PKCS8_PREFIX = Uint8Array.from(Buffer.from('302e020100300506032b656e04220420', 'hex'));

/** The key pair of 32 random bytes. */
export function keyPairFrom(secret: Uint8Array): KeyPair {
  const der = Buffer.concat([PKCS8_PREFIX, secret]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { privateKey, publicKey: Uint8Array.from(Buffer.from(x, 'base64url')) };
}

/**
 * The shared secret of our private and the peer's public key.
 *
 * @throws ERR_HANDSHAKE where it would be all zeros: the peer chose a point of low order, and with it a secret that everybody knows.
 */
export function sharedSecret(own: KeyPair, peer: Uint8Array): Uint8Array {
  // As JWK (RFC 8037): read ten times as fast as DER.
  const jwk = { kty: 'OKP', crv: 'X25519', x: Buffer.from(peer).toString('base64url') };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
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
