import { pieceStrategyCompliance } from '../../../src/compliance/index.ts';
import { seededRandom } from '../../../src/kit/index.ts';
import { random } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

const candidates = Array.from({ length: 1_000 }, (_, piece) => piece);
const view = { pieceCount: candidates.length, candidates, availability: (piece: number) => piece };
const selectWith = (seed: number) => createPlugin(random(), { random: seededRandom(seed) }).select(view, 100);

describe('random', () => {
  for (const { name, run } of pieceStrategyCompliance({ create: () => createPlugin(random()) })) test(name, run);

  test('selects the same under the same seed, and something else under another', () => {
    expect(selectWith(1)).toEqual(selectWith(1));
    expect(new Set([...selectWith(1), ...selectWith(2)]).size).toBeGreaterThan(150);
  });

  test('selects in no order of pieces or rarity', () => {
    const selected = selectWith(1);
    expect(selected).not.toEqual(selected.toSorted((a, b) => a - b));
    expect(Math.max(...selected)).toBeGreaterThan(500);
  });

  test('takes all where the limit allows it', () => {
    expect(
      createPlugin(random())
        .select(view, 5_000)
        .toSorted((a, b) => a - b),
    ).toEqual(candidates);
  });

  test('cuts into pieces of the length asked for', () => {
    expect(createPlugin(random({ pieceLength: 1_024 })).pieceLength(2 ** 26)).toBe(1_024);
  });
});
