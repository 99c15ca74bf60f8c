import fc from 'fast-check';
import { MAX_PIECES, PieceSet } from '../../../src/node/pieces/piece-set.ts';
import { thrownCode } from '../../support/thrown-code.ts';

describe('a set of pieces', () => {
  test('has what was added, once', () => {
    const set = new PieceSet(20);
    expect([set.add(3), set.add(19), set.add(3)]).toEqual([true, true, false]);
    expect([set.has(3), set.has(4), set.has(19), set.size, set.complete]).toEqual([true, false, true, 2, false]);
  });

  test('has no longer what was deleted', () => {
    const set = PieceSet.full(9);
    expect([set.delete(8), set.delete(8), set.has(8), set.size]).toEqual([true, false, false, 8]);
  });

  test('is complete when it has all, and of no pieces at once', () => {
    const set = new PieceSet(2);
    set.add(0);
    expect(set.complete).toBe(false);
    set.add(1);
    expect([set.complete, new PieceSet(0).complete, PieceSet.full(77).complete]).toEqual([true, true, true]);
  });

  test('names the lowest missing pieces', () => {
    const set = PieceSet.full(100);
    for (const piece of [2, 3, 16, 99]) set.delete(piece);
    expect([set.missing(), set.missing(3), set.missing(0)]).toEqual([[2, 3, 16, 99], [2, 3, 16], []]);
  });

  test('is one bit a piece, the first the highest of the first byte', () => {
    const set = new PieceSet(10);
    for (const piece of [0, 7, 9]) set.add(piece);
    expect([...set.toBytes()]).toEqual([0b1000_0001, 0b0100_0000]);
  });

  test('comes back from its bytes', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.array(fc.nat(299)), (count, pieces) => {
        const set = new PieceSet(count);
        for (const piece of pieces) if (piece < count) set.add(piece);
        const read = PieceSet.fromBytes(count, set.toBytes());
        expect([read.size, read.missing()]).toEqual([set.size, set.missing()]);
        expect(new Set([...set.missing(), ...pieces.filter((piece) => piece < count)]).size).toBe(count);
      }),
    );
  });

  test.each([
    ['too short', 9, [0xff]],
    ['too long', 8, [0xff, 0]],
    ['with a bit for no piece', 9, [0xff, 0x40]],
  ])('is not read from bytes %s', (_, count, bytes) => {
    expect(thrownCode(() => PieceSet.fromBytes(count, Uint8Array.from(bytes)))).toBe('ERR_MESSAGE');
  });

  test('has no pieces that the file has not', () => {
    const set = new PieceSet(8);
    for (const piece of [-1, 8, 0.5, NaN]) {
      expect(() => set.add(piece)).toThrow(RangeError);
      expect(() => set.delete(piece)).toThrow(RangeError);
    }
    expect([set.has(8), set.has(-1)]).toEqual([false, false]);
    for (const count of [-1, 1.5, MAX_PIECES + 1]) expect(() => new PieceSet(count)).toThrow(RangeError);
  });
});
