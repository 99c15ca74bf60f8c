import { cipherCompliance } from '../../../src/compliance/index.ts';
import { aesGcm } from '../../../src/plugins/cipher/aes-gcm/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { fromHex, toHex } from '../../support/hex.ts';

describe('aes-gcm', () => {
  for (const { name, run } of cipherCompliance({ create: () => createPlugin(aesGcm()) })) test(name, run);

  const cipher = createPlugin(aesGcm());

  test('is AES-256-GCM: test cases 13 and 14 of its specification (McGrew, Viega)', () => {
    const records = cipher.create(new Uint8Array(32));
    expect(toHex(records.seal(0n, new Uint8Array(0)))).toBe('530f8afbc74536b9a963b4f1c4cb738b');
    expect(toHex(records.seal(0n, new Uint8Array(16)))).toBe(
      'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
    );
  });

  test('uses the sequence number, 64 bits big-endian behind 32 zero bits, as the nonce', () => {
    const records = cipher.create(new Uint8Array(32).fill(7));
    expect(toHex(records.seal(0x0102030405060708n, fromHex('00112233')))).toBe(SEALED_UNDER_LARGE_SEQUENCE);
  });

  test('refuses a sequence number beyond 64 bits, which would repeat a nonce', () => {
    const records = cipher.create(new Uint8Array(32));
    expect(() => records.seal(2n ** 64n, new Uint8Array(1))).toThrow('out of range');
  });

  test('keeps its own copy of the key', () => {
    const key = new Uint8Array(32).fill(1);
    const records = cipher.create(key);
    const before = toHex(records.seal(1n, Uint8Array.of(1)));
    key.fill(0);
    expect(toHex(records.seal(1n, Uint8Array.of(1)))).toBe(before);
  });
});

/** By another implementation: Python's `cryptography`. */
const SEALED_UNDER_LARGE_SEQUENCE = 'd33a5a4390464b3855a00721faf6b23f37a98218';
