import { createHmac, hkdfSync } from 'node:crypto';
import { handshakeKey, helloKey, nextSecret, recordKey, welcomeKey } from '../../../src/node/link/key-schedule.ts';
import { toHex } from '../../support/hex.ts';

describe('the key schedule', () => {
  const material = new Uint8Array(32).fill(7);
  const salt = new Uint8Array(13).fill(9);
  const secret = createHmac('sha256', salt).update(material).digest();

  test.each([0, 1, 32, 42, 64, 100])('expands a secret to %d bytes as RFC 5869 says', (length) => {
    const expected = new Uint8Array(hkdfSync('sha256', material, salt, 'peerhold record aes-gcm', length));
    expect(toHex(recordKey(secret, 'aes-gcm', length))).toBe(toHex(expected));
  });

  test('gives every purpose a key of its own', () => {
    const keys = [
      helloKey(secret),
      handshakeKey(secret),
      welcomeKey(secret),
      nextSecret(secret),
      recordKey(secret, 'aes-gcm', 32),
      recordKey(secret, 'aes-js', 32),
    ];
    expect(new Set(keys.map(toHex)).size).toBe(keys.length);
  });
});
