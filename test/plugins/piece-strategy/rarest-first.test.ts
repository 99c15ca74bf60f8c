import { pieceStrategyCompliance } from '../../../src/compliance/index.ts';
import { seededRandom } from '../../../src/kit/index.ts';
import { rarestFirst } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

const candidates = Array.from({ length: 4_096 }, (_, piece) => piece);
const viewOf = (availability: (piece: number) => number) => ({
  pieceCount: candidates.length,
  candidates,
  availability,
});

describe('rarest-first', () => {
  for (const { name, run } of pieceStrategyCompliance({ create: () => createPlugin(rarestFirst()) })) test(name, run);

  test('selects the rarest pieces first, all of one rarity before any of the next', () => {
    const availability = (piece: number) => 1 + ((piece * 7) % 5);
    const selected = createPlugin(rarestFirst()).select(viewOf(availability), candidates.length);
    expect(selected.map(availability)).toEqual(candidates.map(availability).sort());
  });

  test('breaks ties by its own randomness: alike under one seed, otherwise under another', () => {
    const selectWith = (seed: number) =>
      createPlugin(rarestFirst(), { random: seededRandom(seed) }).select(
        viewOf(() => 3),
        20,
      );
    expect(selectWith(1)).toEqual(selectWith(1));
    expect(new Set([...selectWith(1), ...selectWith(2)]).size).toBeGreaterThan(30);
  });

  test('orders by rarity also where every source of a very large network has a piece', () => {
    const availability = (piece: number) => 1_000_000 - piece;
    expect(createPlugin(rarestFirst()).select(viewOf(availability), 3)).toEqual([4_095, 4_094, 4_093]);
  });

  test('asks for the availability of each candidate once', () => {
    let asked = 0;
    const availability = () => (asked += 1);
    createPlugin(rarestFirst()).select(viewOf(availability), 16);
    expect(asked).toBe(candidates.length);
  });

  test('cuts into pieces of the length asked for', () => {
    expect(createPlugin(rarestFirst({ pieceLength: 1_024 })).pieceLength(2 ** 26)).toBe(1_024);
  });
});
