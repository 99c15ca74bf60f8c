import { cipherCompliance } from '../../../src/compliance/index.ts';
import { FRAME_OVERHEAD_ALLOWANCE, MAX_FRAME_LENGTH } from '../../../src/kernel/index.ts';
import { aesCtr } from '../../../src/plugins/cipher/aes-js/aes-ctr.ts';
import { aesJs } from '../../../src/plugins/cipher/aes-js/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { fromHex, toHex } from '../../support/hex.ts';
import { thrownCode } from '../../support/thrown-code.ts';

/** NIST SP 800-38A, appendix F.5.5: CTR-AES256. */
const NIST = {
  key: fromHex('603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4'),
  counterBlock: fromHex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'),
  plaintext:
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
    '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  ciphertext:
    '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5' +
    '2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
};

/** By other implementations: Python's `hmac` for the keys and the tag, `openssl enc` for the ciphertext. */
const SEALED_ELSEWHERE =
  '8e10a2af1ecbe7d7ca386f2a418a948ce16a29e375327eb76e703e13f9834a545d9171a2dacdfd5f' +
  '5292901e7e4e769e651bb768f2b46c125f7c244840f29b241eeffacd1cbe5e37';

describe('aes-js', () => {
  for (const { name, run } of cipherCompliance({ create: () => createPlugin(aesJs()) })) test(name, run);

  const cipher = createPlugin(aesJs());

  test('counts as NIST SP 800-38A does, in both directions', () => {
    const { key, counterBlock, plaintext, ciphertext } = NIST;
    expect(toHex(aesCtr(key, counterBlock, fromHex(plaintext)))).toBe(ciphertext);
    expect(toHex(aesCtr(key, counterBlock, fromHex(ciphertext)))).toBe(plaintext);
    expect(toHex(counterBlock)).toBe('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
  });

  test('seals as other implementations do', () => {
    const records = cipher.create(new Uint8Array(32).fill(7));
    const plaintext = Uint8Array.from({ length: 40 }, (_, index) => index);
    expect(toHex(records.seal(0x0102030405060708n, plaintext))).toBe(SEALED_ELSEWHERE);
  });

  test('uses no block of key stream twice, in records of the largest size or in neighbouring ones', () => {
    const records = cipher.create(new Uint8Array(32).fill(7));
    const zeros = new Uint8Array(MAX_FRAME_LENGTH + FRAME_OVERHEAD_ALLOWANCE);
    const blocks: string[] = [];
    for (const sequence of [1n, 2n]) {
      const stream = toHex(records.seal(sequence, zeros).subarray(0, zeros.length));
      for (let at = 0; at < stream.length; at += 32) blocks.push(stream.slice(at, at + 32));
    }
    expect(new Set(blocks).size).toBe(blocks.length);
  });

  test('says what it is to the handshake', () => {
    expect(cipher).toMatchObject({ name: 'aes-js', authenticated: true, keyLength: 32, overhead: 32 });
  });

  test('refuses a sequence number beyond 64 bits, which would repeat a key stream', () => {
    const records = cipher.create(new Uint8Array(32));
    expect(() => records.seal(2n ** 64n, new Uint8Array(1))).toThrow('out of range');
  });

  test('refuses a record whose ciphertext was sealed under another number with the tag of this one', () => {
    const records = cipher.create(new Uint8Array(32));
    const [first, second] = [records.seal(1n, new Uint8Array(16)), records.seal(2n, new Uint8Array(16))];
    const mixed = Uint8Array.of(...first.subarray(0, 16), ...second.subarray(16));
    for (const sequence of [1n, 2n]) {
      expect(thrownCode(() => records.open(sequence, mixed))).toBe('ERR_CIPHER_REJECTED');
    }
  });
});
