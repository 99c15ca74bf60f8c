import { formatBytes, formatDuration, formatRate, formatTable } from '../../src/cli/format.ts';

describe('format', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [64 * 1024 * 1024, '64.0 MiB'],
    [2 ** 70, '1048576.0 PiB'],
  ])('%d bytes are %s', (bytes, shown) => {
    expect(formatBytes(bytes)).toBe(shown);
  });

  test.each([
    [900, '0 s'],
    [59_999, '59 s'],
    [200_000, '3 min 20 s'],
    [18_720_000, '5 h 12 min'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms are %s', (milliseconds, shown) => {
    expect(formatDuration(milliseconds)).toBe(shown);
  });

  test('nothing is said of a rate without time', () => {
    expect(formatRate(10, 0)).toBe('');
    expect(formatRate(2048, 2)).toBe('1.0 KiB/s');
  });

  test('a table has equal columns and no blanks at its line ends', () => {
    expect(
      formatTable([
        ['a', 'head'],
        ['long', 'x'],
      ]),
    ).toBe('a     head\nlong  x');
  });
});
