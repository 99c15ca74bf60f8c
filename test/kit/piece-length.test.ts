import { boundedPieceLength, pieceLengthOption } from '../../src/kit/piece-length.ts';

describe('the length of pieces', () => {
  test.each([
    [0, 256 * 1_024],
    [65_536 * 256 * 1_024, 256 * 1_024],
    [65_536 * 256 * 1_024 + 1, 512 * 1_024],
    [2 ** 46, 2 ** 30],
    [Number.MAX_SAFE_INTEGER, 2 ** 30],
  ])('of a file of %d bytes is %d', (fileLength, length) => {
    expect(boundedPieceLength(pieceLengthOption.parse(undefined), fileLength)).toBe(length);
  });

  test('asked for is 16 MiB at most', () => {
    expect(pieceLengthOption.safeParse(2 ** 24).success).toBe(true);
    expect(pieceLengthOption.safeParse(2 ** 24 + 1).success).toBe(false);
  });

  test('never goes beyond the most, whatever it began with', () => {
    expect(boundedPieceLength(2 ** 30 - 1, 2 ** 50)).toBe(2 ** 30);
  });
});
