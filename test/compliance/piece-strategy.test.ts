import { pieceStrategyCompliance } from '../../src/compliance/index.ts';
import type { PieceStrategy } from '../../src/kernel/index.ts';
import { sequential } from '../../src/plugins/index.ts';
import { createPlugin } from '../support/create-plugin.ts';
import { override } from '../support/override.ts';
import { expectCaught, type Broken } from './expect-caught.ts';

let calls = 0;

const broken: readonly Broken<PieceStrategy>[] = [
  {
    defect: 'cuts large files into pieces over the limit',
    caughtBy: 'cuts every file into at most 65,536 pieces of 1,024 to 2^30 bytes',
    breakIt: (sound) => override(sound, { pieceLength: (length) => Math.max(1_024, Math.ceil(length / 1_000)) }),
  },
  {
    defect: 'cuts an empty file into pieces of nothing',
    caughtBy: 'cuts every file into at most 65,536 pieces of 1,024 to 2^30 bytes',
    breakIt: (sound) => override(sound, { pieceLength: (length) => Math.min(length, 65_536) }),
  },
  {
    defect: 'cuts large files into more pieces than a manifest holds',
    caughtBy: 'cuts every file into at most 65,536 pieces of 1,024 to 2^30 bytes',
    breakIt: (sound) => override(sound, { pieceLength: () => 2 ** 29 }),
  },
  {
    defect: 'cuts one file differently each time',
    caughtBy: 'cuts files of one length the same way every time',
    breakIt: (sound) => override(sound, { pieceLength: () => 2 ** 30 - (calls++ % 2) }),
  },
  {
    defect: 'selects pieces that the source does not have',
    caughtBy: 'selects candidates only',
    breakIt: (sound) =>
      override(sound, {
        select: ({ pieceCount }, limit) => Array.from({ length: Math.min(pieceCount, limit) }, (_, piece) => piece),
      }),
  },
  {
    defect: 'repeats a piece to fill the limit',
    caughtBy: 'selects each piece once',
    breakIt: (sound) =>
      override(sound, {
        select: ({ candidates }, limit) => [...candidates, ...candidates].slice(0, limit),
      }),
  },
  {
    defect: 'selects more than the limit',
    caughtBy: 'selects no more than the limit, and none where it is 0',
    breakIt: (sound) => override(sound, { select: (view, limit) => sound.select(view, limit + 1) }),
  },
  {
    defect: 'never selects the last candidate',
    caughtBy: 'selects something as long as there are candidates and the limit allows it',
    breakIt: (sound) => override(sound, { select: ({ candidates }, limit) => candidates.slice(0, -1).slice(0, limit) }),
  },
  {
    defect: 'rotates the candidates from call to call',
    caughtBy: 'gives the same answer to the same view',
    breakIt: (sound) =>
      override(sound, {
        select: ({ candidates }, limit) => {
          const from = calls++ % Math.max(1, candidates.length);
          return [...candidates.slice(from), ...candidates.slice(0, from)].slice(0, limit);
        },
      }),
  },
  {
    defect: 'draws its own lots at creation',
    caughtBy: 'gives the same answers after being made anew',
    breakIt: (sound) => {
      const isReversed = calls++ % 2 === 0;
      return override(sound, {
        select: ({ candidates }, limit) => (isReversed ? candidates.toReversed() : [...candidates]).slice(0, limit),
      });
    },
  },
  {
    defect: 'sorts the candidates where they are',
    caughtBy: 'selects candidates only',
    breakIt: (sound) =>
      override(sound, {
        select: (view, limit) => (view.candidates as number[]).sort((a, b) => b - a).slice(0, limit),
      }),
  },
  {
    defect: 'keeps and hands out one list',
    caughtBy: 'leaves the view as it is, and the caller may change the answer',
    breakIt: (sound) => {
      let kept: number[] | undefined;
      return override(sound, { select: (view, limit) => (kept ??= sound.select(view, limit)) });
    },
  },
  {
    defect: 'asks how many have pieces that nobody offered',
    caughtBy: 'asks for the availability of candidates only',
    breakIt: (sound) =>
      override(sound, {
        select: (view, limit) => {
          for (let piece = 0; piece < view.pieceCount; piece++) view.availability(piece);
          return sound.select(view, limit);
        },
      }),
  },
];

describe('pieceStrategyCompliance', () => {
  expectCaught(broken, (breakIt) => pieceStrategyCompliance({ create: () => breakIt(createPlugin(sequential())) }));
});
