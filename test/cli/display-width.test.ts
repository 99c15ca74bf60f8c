import { clip, displayRows, displayWidth } from '../../src/cli/display-width.ts';

describe('displayWidth', () => {
  test.each([
    ['', 0],
    ['notes.txt', 9],
    ['ünï', 3],
    ['u\u0308', 1],
    ['漢字.txt', 8],
    ['한글', 4],
    ['🎉', 2],
    ['👩‍🚀', 2],
    ['❤️', 2],
    ['█░…', 3],
  ])('of %j is %d columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });
});

describe('clip', () => {
  test.each([
    ['notes.txt', 9, 'notes.txt'],
    ['notes.txt', 8, 'notes.t…'],
    ['漢字漢字', 8, '漢字漢字'],
    ['漢字漢字', 7, '漢字漢…'],
    ['漢字漢字', 6, '漢字…'],
    ['notes.txt', 1, '…'],
    ['notes.txt', 0, ''],
    ['notes.txt', -3, ''],
  ])('of %j to %d columns is %j', (text, columns, clipped) => {
    expect(clip(text, columns)).toBe(clipped);
  });
});

describe('displayRows', () => {
  test.each([
    ['', 10, 1],
    ['123456789', 10, 1],
    ['1234567890', 10, 2],
    ['12345678901', 10, 2],
    // The wide character does not fit into the last column, and begins the next row.
    ['1漢漢漢', 6, 2],
  ])('of %j in %d columns is %d', (text, columns, rows) => {
    expect(displayRows(text, columns)).toBe(rows);
  });
});
