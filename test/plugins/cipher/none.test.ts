import { cipherCompliance } from '../../../src/compliance/index.ts';
import { none } from '../../../src/plugins/cipher/none/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

describe('none', () => {
  for (const { name, run } of cipherCompliance({ create: () => createPlugin(none()) })) test(name, run);

  const cipher = createPlugin(none());

  test('says that it protects nothing', () => {
    expect(cipher).toMatchObject({ name: 'none', authenticated: false, keyLength: 0, overhead: 0 });
  });

  test('passes records on as they are', () => {
    const records = cipher.create(new Uint8Array(0));
    const bytes = Uint8Array.of(1, 2, 3);
    expect(records.open(5n, records.seal(5n, bytes))).toEqual(bytes);
  });

  test('takes no key', () => {
    expect(() => cipher.create(new Uint8Array(32))).toThrow(RangeError);
  });
});
