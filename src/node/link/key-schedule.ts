import { createHmac, hkdfSync } from 'node:crypto';

/** Bytes of every secret that is not a record key. */
const SECRET_LENGTH = 32;

const NO_SALT = new Uint8Array(0);

/** Key of the tag in the hello. */
export function helloKey(sharedKey: Uint8Array): Uint8Array {
  return extractAndExpand(sharedKey, 'peerhold hello');
}

/** What the handshake mixes in as its preshared key: another than the hello's, so that neither says anything of the other. */
export function handshakeKey(sharedKey: Uint8Array): Uint8Array {
  return extractAndExpand(sharedKey, 'peerhold handshake');
}

/** Key of the one message by which the listening side shows that it got through the handshake. */
export function welcomeKey(secret: Uint8Array): Uint8Array {
  return expand(secret, 'peerhold welcome', SECRET_LENGTH);
}

/** Key of the records of one direction; of a length that the cipher says. */
export function recordKey(secret: Uint8Array, cipherName: string, length: number): Uint8Array {
  return expand(secret, `peerhold record ${cipherName}`, length);
}

/** The secret that follows, for the next record key. It does not lead back: who learns it cannot open what came before. */
export function nextSecret(secret: Uint8Array): Uint8Array {
  return expand(secret, 'peerhold rekey', SECRET_LENGTH);
}

/** HKDF with SHA-256 (RFC 5869), for secrets that are not yet the output of one. */
function extractAndExpand(material: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', material, NO_SALT, info, SECRET_LENGTH));
}

/** HKDF-Expand with SHA-256 (RFC 5869, section 2.3). */
function expand(secret: Uint8Array, info: string, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  let block: Uint8Array = new Uint8Array(0);
  for (let made = 0; made < length; made += block.length) {
    block = createHmac('sha256', secret)
      .update(block)
      .update(info)
      .update(Uint8Array.of(blocks.length + 1))
      .digest();
    blocks.push(block);
  }
  return Uint8Array.from(Buffer.concat(blocks, length));
}
