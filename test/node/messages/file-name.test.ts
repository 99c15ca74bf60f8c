import { errorCode } from '../../../src/kernel/index.ts';
import { checkFileName, escapeForDisplay, isUserLabel } from '../../../src/node/messages/file-name.ts';

const allowed = [
  'a',
  'notes.txt',
  'a b/c d.txt',
  'ünïcödé/emoji 👩‍💻.bin',
  '^&%',
  'line\nbreak',
  '...',
  '.hidden',
  'a\\b',
  'C:',
  'C:\\x',
  'sub/.peerhold/x',
  '.peerholder',
  '..a/b..',
  'x'.repeat(255),
  'é'.repeat(127),
  Array.from({ length: 32 }, () => 'd').join('/'),
  Array.from({ length: 5 }, () => 'x'.repeat(204)).join('/'),
];

const refused: [name: string, reason: RegExp][] = [
  ['', /is empty/],
  ['/etc/passwd', /is absolute/],
  ['//host/share', /is absolute/],
  ['..', /holds the part "\.\."/],
  ['.', /holds the part "\."/],
  ['../x', /holds the part "\.\."/],
  ['a/../../x', /holds the part "\.\."/],
  ['a/./b', /holds the part "\."/],
  ['a//b', /holds an empty part/],
  ['a/', /holds an empty part/],
  ['a\0b', /NUL/],
  ['a\ud800', /unpaired surrogate/],
  ['.peerhold', /the node's own/],
  ['.peerhold/identity.pem', /the node's own/],
  ['.PeerHold/identity.pem', /the node's own/],
  ['.peer\u200chold/identity.pem', /the node's own/],
  ['\uff0epeerhold/x', /the node's own/],
  ['.peerhold./x', /the node's own/],
  ['.peerhold /x', /the node's own/],
  ['.peerhold::$INDEX_ALLOCATION/x', /the node's own/],
  ['x'.repeat(256), /more than 255 bytes/],
  ['é'.repeat(128), /more than 255 bytes/],
  [Array.from({ length: 33 }, () => 'd').join('/'), /deeper than 32/],
  [`${Array.from({ length: 5 }, () => 'x'.repeat(204)).join('/')}y`, /longer than 1024 bytes/],
];

describe('checkFileName', () => {
  test.each(allowed)('allows %j', (name) => {
    expect(() => {
      checkFileName(name);
    }).not.toThrow();
  });

  test.each(refused)('refuses %j and says why', (name, reason) => {
    expect(() => {
      checkFileName(name);
    }).toThrow(reason);
  });

  test('refuses with ERR_NAME', () => {
    let thrown: unknown;
    try {
      checkFileName('..');
    } catch (error) {
      thrown = error;
    }
    expect(errorCode(thrown)).toBe('ERR_NAME');
  });

  test('shows a refused name escaped and cut', () => {
    expect(() => {
      checkFileName(`/\u001b[2J${'x'.repeat(2_000)}`);
    }).toThrow(/^"\/\\u\{1b\}\[2Jx{55}…" is longer/);
  });

  test('takes a name of a megabyte no longer than a short one', () => {
    expect(() => {
      checkFileName('/../'.repeat(262_144));
    }).toThrow(/longer than 1024 bytes/);
  });
});

test('a user label is 1 to 32 letters, digits, dots, underscores and hyphens', () => {
  expect(['ann', 'A.b_c-9', 'x'.repeat(32)].every(isUserLabel)).toBe(true);
  expect(['', 'a b', 'é', 'a@b', 'ann\n', 'x'.repeat(33)].some(isUserLabel)).toBe(false);
});

describe('escapeForDisplay', () => {
  test.each([
    ['\u001b[31mred\u0007', '\\u{1b}[31mred\\u{7}'],
    ['a\r\nb\tc\u007f\u0085', 'a\\u{d}\\u{a}b\\u{9}c\\u{7f}\\u{85}'],
    ['evil\u202etxt.exe', 'evil\\u{202e}txt.exe'],
    ['\u2066x\u2069\u200f\u061c', '\\u{2066}x\\u{2069}\\u{200f}\\u{61c}'],
    ['a\u2028b\u2029\ufeff', 'a\\u{2028}b\\u{2029}\\u{feff}'],
    ['\ud800x', '\\u{d800}x'],
  ])('%j becomes %j', (text, shown) => {
    expect(escapeForDisplay(text)).toBe(shown);
  });

  test.each(['plain', 'ünïcödé', '👩‍💻', 'עברית', 'a\\b'])('%s stays', (text) => {
    expect(escapeForDisplay(text)).toBe(text);
  });
});
