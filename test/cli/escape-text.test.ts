import { escapeText } from '../../src/cli/escape-text.ts';

describe('escapeText', () => {
  test('leaves letters, accents and emoji as they are', () => {
    expect(escapeText('naïve Straße 日本 👩‍👩‍👧.txt')).toBe('naïve Straße 日本 👩‍👩‍👧.txt');
  });

  test.each([
    ['\u001b[2J', '\\u{1b}[2J'],
    ['a\nb\r', 'a\\u{a}b\\u{d}'],
    ['\u0085\u2028', '\\u{85}\\u{2028}'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['\ud800', '\\u{d800}'],
  ])('makes %j harmless', (text, shown) => {
    expect(escapeText(text)).toBe(shown);
  });
});
