import { pieceStrategyCompliance } from '../../../src/compliance/index.ts';
import { sequential } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

describe('sequential', () => {
  for (const { name, run } of pieceStrategyCompliance({ create: () => createPlugin(sequential()) })) test(name, run);

  test('prefers the lowest piece, however rare another is', () => {
    const view = { pieceCount: 3, candidates: [0, 1, 2], availability: (index: number) => 3 - index };
    expect(createPlugin(sequential()).select(view, 2)).toEqual([0, 1]);
  });

  test('cuts into pieces of 256 KiB unless told otherwise', () => {
    expect(createPlugin(sequential()).pieceLength(1)).toBe(256 * 1_024);
    expect(createPlugin(sequential({ pieceLength: 1_024 })).pieceLength(2 ** 26)).toBe(1_024);
  });
});
