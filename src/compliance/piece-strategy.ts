import type { PieceStrategy, PieceView } from '../kernel/index.ts';
import { toCase, type ComplianceCase, type Requirement } from './compliance-case.ts';
import { expect, expectEqual, expectSameList } from './expectations.ts';
import { sampleFractions } from './sample-numbers.ts';

/** What the suite needs to know of an implementation. */
export interface PieceStrategyFixture {
  /** A new strategy; where it uses randomness, from the same seed at every call. */
  create(): PieceStrategy;
}

/** What every PieceStrategy must do. */
export function pieceStrategyCompliance(fixture: PieceStrategyFixture): readonly ComplianceCase[] {
  return requirements.map((requirement) => toCase(requirement, fixture));
}

const MIN_PIECE_LENGTH = 1_024;
const MAX_PIECE_LENGTH = 2 ** 30;
const MAX_PIECES = 65_536;
const LIMITS = [0, 1, 2, 7, 1_000];

const requirements: readonly Requirement<PieceStrategyFixture>[] = [
  {
    name: 'cuts every file into at most 65,536 pieces of 1,024 to 2^30 bytes',
    check: ({ create }) => {
      const strategy = create();
      for (const fileLength of fileLengths()) {
        const length = strategy.pieceLength(fileLength);
        const fits = Number.isInteger(length) && length >= MIN_PIECE_LENGTH && length <= MAX_PIECE_LENGTH;
        expect(fits, `pieces of a file of ${fileLength} bytes have ${length} bytes`);
        const count = Math.ceil(fileLength / length);
        const isBeyondAll = fileLength > MAX_PIECES * MAX_PIECE_LENGTH;
        expect(count <= MAX_PIECES || isBeyondAll, `a file of ${fileLength} bytes has ${count} pieces`);
      }
    },
  },
  {
    name: 'cuts files of one length the same way every time',
    check: ({ create }) => {
      const [one, other] = [create(), create()];
      for (const fileLength of fileLengths()) {
        const length = one.pieceLength(fileLength);
        expectEqual(one.pieceLength(fileLength), length, `the piece length for ${fileLength} bytes, asked again`);
        expectEqual(
          other.pieceLength(fileLength),
          length,
          `the piece length for ${fileLength} bytes, by another instance`,
        );
      }
    },
  },
  {
    name: 'selects candidates only',
    check: ({ create }) =>
      forEachView(create(), (selected, view) => {
        const candidates = new Set(view.candidates);
        for (const piece of selected) expect(candidates.has(piece), `piece ${piece} is no candidate in ${show(view)}`);
      }),
  },
  {
    name: 'selects each piece once',
    check: ({ create }) =>
      forEachView(create(), (selected, view) => {
        expectEqual(new Set(selected).size, selected.length, `different pieces among those selected in ${show(view)}`);
      }),
  },
  {
    name: 'selects no more than the limit, and none where it is 0',
    check: ({ create }) =>
      forEachView(create(), (selected, view, limit) => {
        expect(selected.length <= limit, `${selected.length} pieces for a limit of ${limit} in ${show(view)}`);
      }),
  },
  {
    name: 'selects something as long as there are candidates and the limit allows it',
    check: ({ create }) =>
      forEachView(create(), (selected, view, limit) => {
        const possible = limit > 0 && view.candidates.length > 0;
        expect(!possible || selected.length > 0, `nothing was selected for a limit of ${limit} in ${show(view)}`);
      }),
  },
  {
    name: 'gives the same answer to the same view',
    check: ({ create }) => {
      const strategy = create();
      forEachView(strategy, (selected, view, limit) => {
        expectSameList(strategy.select(view, limit), selected, `pieces selected again in ${show(view)}`);
      });
    },
  },
  {
    name: 'gives the same answers after being made anew',
    check: ({ create }) => {
      const other = create();
      forEachView(create(), (selected, view, limit) => {
        expectSameList(other.select(view, limit), selected, `pieces selected by a second instance in ${show(view)}`);
      });
    },
  },
  {
    name: 'leaves the view as it is, and the caller may change the answer',
    check: ({ create }) => {
      const strategy = create();
      const view = viewOf(
        50,
        Array.from({ length: 50 }, (_, piece) => piece),
      );
      const first = strategy.select(view, 20);
      const before = [...first];
      first.reverse().fill(-1);
      expectSameList(strategy.select(view, 20), before, 'pieces selected after the first answer was overwritten');
      expectEqual(view.candidates.length, 50, 'candidates left in the view');
      expect(
        view.candidates.every((piece, index) => piece === index),
        'the candidates were changed',
      );
    },
  },
  {
    name: 'asks for the availability of candidates only',
    check: ({ create }) => {
      const candidates = [3, 5, 8];
      const asked: number[] = [];
      const availability = (piece: number) => asked.push(piece);
      create().select({ pieceCount: 10, candidates, availability }, 3);
      for (const piece of asked)
        expect(candidates.includes(piece), `asked for the availability of ${piece}, no candidate`);
    },
  },
  {
    name: 'copes with a file of very many pieces',
    check: ({ create }) => {
      const count = 200_000;
      const view = viewOf(
        count,
        Array.from({ length: count }, (_, piece) => piece),
      );
      const selected = create().select(view, 1_000);
      expect(selected.length > 0 && selected.length <= 1_000, `${selected.length} pieces for a limit of 1000`);
    },
  },
];

function fileLengths(): number[] {
  const powers = Array.from({ length: 47 }, (_, power) => 2 ** power);
  return [0, ...powers.flatMap((length) => [length - 1, length, length + 1]), Number.MAX_SAFE_INTEGER];
}

/** Asks the strategy about views of many kinds: no candidate, one, all, some; every availability the same, or not. */
function forEachView(
  strategy: PieceStrategy,
  check: (selected: readonly number[], view: PieceView, limit: number) => void,
): void {
  const fractions = sampleFractions(11);
  for (const pieceCount of [1, 2, 10, 300]) {
    for (const share of [0, 0.1, 0.5, 1]) {
      const pieces = Array.from({ length: pieceCount }, (_, piece) => piece);
      const view = viewOf(
        pieceCount,
        pieces.filter(() => fractions() < share),
      );
      for (const limit of LIMITS) check(strategy.select(view, limit), view, limit);
    }
  }
}

function viewOf(pieceCount: number, candidates: readonly number[]): PieceView {
  return { pieceCount, candidates: Object.freeze(candidates), availability: (piece) => 1 + ((piece * 7) % 5) };
}

function show({ pieceCount, candidates }: PieceView): string {
  return `a view of ${pieceCount} pieces with ${candidates.length} candidates`;
}
