import { nameMatcher } from '../../../src/node/files/file-pattern.ts';

const NAMES = [
  'a.txt',
  'b.md',
  '.hidden.txt',
  'dir/a.txt',
  'dir/.b.txt',
  'dir/deep/c.txt',
  'directory',
  '[x].txt',
  '!odd',
];

describe('nameMatcher', () => {
  test.each<[string, string[]]>([
    ['*.txt', ['a.txt', '[x].txt']],
    ['**/*.txt', ['a.txt', 'dir/a.txt', 'dir/deep/c.txt', '[x].txt']],
    ['?.{txt,md}', ['a.txt', 'b.md']],
    ['.*', ['.hidden.txt']],
    ['dir/*', ['dir/a.txt']],
    ['dir/', ['dir/a.txt', 'dir/.b.txt', 'dir/deep/c.txt']],
    ['dir', ['dir/a.txt', 'dir/.b.txt', 'dir/deep/c.txt']],
    ['dir/deep', ['dir/deep/c.txt']],
    ['*/deep/*', ['dir/deep/c.txt']],
    ['\\[x\\].txt', ['[x].txt']],
    ['!o*', ['!odd']],
    ['di', []],
    ['', []],
    ['/', []],
    ['[', []],
    ['(*', []],
    ['x'.repeat(2_000), []],
  ])('takes from a folder for %j', (query, names) => {
    expect(NAMES.filter(nameMatcher(query))).toEqual(names);
  });

  test('takes backslashes in names for what they are', () => {
    expect(nameMatcher('*')('a\\b')).toBe(true);
    expect(nameMatcher('a/*')('a\\b')).toBe(false);
  });

  test('takes no long time for a pattern and a name that were made for it', () => {
    expect(nameMatcher('*a*a*b')('a'.repeat(255))).toBe(false);
    expect(nameMatcher(`+(${'a|'.repeat(10)}aa)b`)('a'.repeat(255))).toBe(false);
  });
});
