import fc from 'fast-check';
import { seededRandom } from '../../../src/kit/index.ts';
import { formatSharedKey, makeSharedKey, parseSharedKey } from '../../../src/node/identity/shared-key.ts';
import { thrownCode } from '../../support/thrown-code.ts';

describe('a shared key', () => {
  test('comes back from its text, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        expect(parseSharedKey(formatSharedKey(key))).toEqual(key);
      }),
    );
  });

  test('is one line of base64url', () => {
    expect(formatSharedKey(new Uint8Array(32).fill(0xff))).toBe('__________________________________________8');
  });

  test('may have blanks and a line break around it, and a closing =', () => {
    const key = makeSharedKey(seededRandom(1));
    expect(parseSharedKey(`  ${formatSharedKey(key)}=\r\n`)).toEqual(key);
  });

  const text = formatSharedKey(makeSharedKey(seededRandom(2)));
  const wrong = {
    empty: '',
    'too short': text.slice(1),
    'too long': `${text}A`,
    'in plain base64': `+${text.slice(1)}`,
    'of two lines': `${text}\n${text}`,
    'written in a second way': '_'.repeat(43),
  };
  for (const [name, value] of Object.entries(wrong)) {
    test(`is refused with ERR_KEY_FORMAT where its text is ${name}, and the message does not repeat it`, () => {
      const parse = () => parseSharedKey(value);
      expect(thrownCode(parse)).toBe('ERR_KEY_FORMAT');
      if (value !== '') expect(parse).not.toThrow(value.slice(1, 20));
    });
  }
});
