import { PieceSet } from '../../../src/node/pieces/piece-set.ts';
import { PieceBoard, type Asker } from '../../../src/node/transfer/piece-board.ts';
import { inOrder } from './support/test-network.ts';

interface TestAsker extends Asker {
  readonly due: Map<number, number>;
}

function askerOf(has: (piece: number) => boolean = () => true): TestAsker {
  const due = new Map<number, number>();
  return { has, due, dueAt: (piece) => due.get(piece) ?? Infinity };
}

function createBoard(count = 10, held: readonly number[] = []) {
  const set = new PieceSet(count);
  for (const piece of held) set.add(piece);
  return new PieceBoard<TestAsker>({ held: set, pieceStrategy: inOrder, availability: () => 1 });
}

const ALL = Array.from({ length: 10 }, (_, piece) => piece);

describe('a board of pieces', () => {
  test('gives out what is missing, each piece once, as the strategy chooses', () => {
    const board = createBoard(10, [0, 3]);
    const [a, b] = [askerOf(), askerOf()];
    expect([...board.take(a, 3), ...board.take(b, 2), ...board.take(a, 9)]).toEqual([1, 2, 4, 5, 6, 7, 8, 9]);
    expect(board.take(b, 9)).toEqual([]);
    expect(board.missing).toBe(8);
  });

  test('gives a source only what it has', () => {
    const board = createBoard();
    const part = askerOf((piece) => piece % 4 === 1);
    expect(board.take(part, 9)).toEqual([1, 5, 9]);
    expect(board.take(part, 9)).toEqual([]);
    expect(board.take(askerOf(), 9)).toEqual([0, 2, 3, 4, 6, 7, 8]);
  });

  test('gives out again what is given back', () => {
    const board = createBoard();
    const [a, b] = [askerOf(), askerOf()];
    expect(board.take(a, 10)).toEqual(ALL);
    board.giveBack(a, 4);
    board.giveBack(a, 4);
    board.giveBack(b, 5);
    expect(board.take(b, 10)).toEqual([4]);
  });

  test('has no use for a piece that came, and tells who else was asked', () => {
    const board = createBoard();
    const [a, b] = [askerOf(), askerOf()];
    board.take(a, 10);
    board.rescue(b, 1, { now: 0, beyondMs: 1 });
    expect([...(board.arrived(0) ?? [])]).toEqual([a, b]);
    expect(board.arrived(0)).toBeUndefined();
    board.giveBack(a, 0);
    expect(board.missing).toBe(9);
  });

  test('chooses a whole file of 65,536 pieces, 4 at a time, within its own memory', () => {
    const board = createBoard(65_536);
    const [a] = [askerOf()];
    let given = 0;
    for (let taken = board.take(a, 4); taken.length > 0; taken = board.take(a, 4)) {
      given += taken.length;
      for (const piece of taken) board.arrived(piece);
    }
    expect([given, board.missing]).toEqual([65_536, 0]);
  });
});

describe('what somebody else was asked for', () => {
  test('is rescued where it is expected too late, the last first, by one other', () => {
    const board = createBoard(4);
    const [a, b, c] = [askerOf(), askerOf(), askerOf()];
    board.take(a, 4);
    for (const [piece, due] of [100, 500, 900, 50].entries()) a.due.set(piece, due);
    expect(board.rescue(b, 9, { now: 0, beyondMs: 200 })).toEqual([2, 1]);
    expect(board.rescue(c, 9, { now: 0, beyondMs: 200 })).toEqual([]);
    expect(board.rescue(b, 9, { now: 0, beyondMs: 200 })).toEqual([]);
  });

  test('is expected to be overdue for as long again', () => {
    const board = createBoard(1);
    const [a, b] = [askerOf(), askerOf()];
    board.take(a, 1);
    a.due.set(0, 1_000);
    expect(board.rescue(b, 1, { now: 1_100, beyondMs: 150 })).toEqual([]);
    expect(board.rescue(b, 1, { now: 1_200, beyondMs: 150 })).toEqual([0]);
  });

  test('is given out before anything else once it is late, but not to whom is late with it', () => {
    const board = createBoard();
    const [a, b] = [askerOf(), askerOf()];
    board.take(a, 2);
    board.late(1, (asker) => asker === a);
    expect(board.take(a, 1)).toEqual([2]);
    expect(board.take(b, 2)).toEqual([1, 3]);
  });

  test('is not late as long as one of those asked is not', () => {
    const board = createBoard(1);
    const [a, b, c] = [askerOf(), askerOf(), askerOf()];
    board.take(a, 1);
    board.rescue(b, 1, { now: 0, beyondMs: 1 });
    board.late(0, (asker) => asker === a);
    expect(board.take(c, 1)).toEqual([]);
    board.late(0, () => true);
    expect(board.take(c, 1)).toEqual([0]);
  });

  test('stays asked where one of two fails', () => {
    const board = createBoard(1);
    const [a, b] = [askerOf(), askerOf()];
    board.take(a, 1);
    board.rescue(b, 1, { now: 0, beyondMs: 1 });
    board.giveBack(a, 0);
    expect(board.take(a, 1)).toEqual([]);
    board.giveBack(b, 0);
    expect(board.take(a, 1)).toEqual([0]);
  });
});
