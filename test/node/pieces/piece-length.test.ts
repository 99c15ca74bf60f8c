import { pieceLengthFor } from '../../../src/node/pieces/piece-length.ts';

const always = (length: number) => ({ pieceLength: () => length });

describe('the pieces of a file', () => {
  test('are as long as the strategy says', () => {
    expect(pieceLengthFor(always(1_024), 5_000)).toBe(1_024);
  });

  test('are longer where there would be too many', () => {
    expect(pieceLengthFor(always(1_024), 65_536 * 1_024 + 1)).toBe(2_048);
  });

  test('are no longer than 16 MiB where that will do', () => {
    expect(pieceLengthFor(always(2 ** 30), 2 ** 40)).toBe(2 ** 24);
    expect(pieceLengthFor(always(2 ** 30), 2 ** 40 + 1)).toBe(2 ** 25);
  });

  test('are none that a manifest could hold beyond 64 TiB', () => {
    expect(pieceLengthFor(always(1_024), 2 ** 46)).toBe(2 ** 30);
    expect(pieceLengthFor(always(1_024), 2 ** 46 + 1)).toBeUndefined();
  });
});
