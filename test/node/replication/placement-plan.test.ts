import fc from 'fast-check';
import {
  planPlacement,
  SPREAD_BYTES,
  type PlacedHolder,
  type PlacedNode,
} from '../../../src/node/replication/placement-plan.ts';

const node = (id: string, zone: string | undefined, keptBytes = 0): PlacedNode => ({ id, zone, keptBytes });
const holder = (id: string, zone: string | undefined, droppable = true): PlacedHolder => ({
  ...node(id, zone),
  droppable,
});

const arbitraryNodes = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 99 }).map(String),
    zone: fc.constantFrom('a', 'b', 'c', undefined),
    keptBytes: fc.nat({ max: 5 * SPREAD_BYTES }),
    droppable: fc.boolean(),
  }),
  { selector: ({ id }) => id, maxLength: 10 },
);
const arbitraryView = fc
  .tuple(arbitraryNodes, fc.nat({ max: 10 }), fc.integer({ min: 1, max: 5 }))
  .map(([nodes, held, wanted]) => ({ wanted, holders: nodes.slice(0, held), candidates: nodes.slice(held) }));

const zonesOf = (nodes: readonly PlacedNode[]) => new Set(nodes.map(({ zone }) => zone));

describe('planPlacement', () => {
  test('asks as many as are missing, while there are any, and none that holds it', () => {
    fc.assert(
      fc.property(arbitraryView, ({ wanted, holders, candidates }) => {
        const { ask } = planPlacement({ wanted, holders, candidates });
        expect(holders.length + ask.length).toBeGreaterThanOrEqual(
          Math.min(wanted, holders.length + candidates.length),
        );
        expect(new Set([...ask, ...holders.map(({ id }) => id)]).size).toBe(ask.length + holders.length);
      }),
    );
  });

  test('leaves no zone out that has room while two copies are in another', () => {
    fc.assert(
      fc.property(arbitraryView, ({ wanted, holders, candidates }) => {
        const { ask } = planPlacement({ wanted, holders, candidates });
        const placed = [...holders, ...candidates.filter(({ id }) => ask.includes(id))];
        const possible = Math.min(wanted, zonesOf([...holders, ...candidates]).size);
        expect(zonesOf(placed).size).toBeGreaterThanOrEqual(possible);
      }),
    );
  });

  test('drops only a replica, never below what is wanted, and never a zone that counts', () => {
    fc.assert(
      fc.property(arbitraryView, ({ wanted, holders, candidates }) => {
        const { ask, drop } = planPlacement({ wanted, holders, candidates });
        if (drop === undefined) return;
        const left = holders.filter(({ id }) => id !== drop);
        expect(ask).toEqual([]);
        expect(holders.find(({ id }) => id === drop)?.droppable).toBe(true);
        expect(left.length).toBeGreaterThanOrEqual(wanted);
        expect(zonesOf(left).size).toBeGreaterThanOrEqual(Math.min(wanted, zonesOf([...holders, ...candidates]).size));
      }),
    );
  });

  test('is the same for the same view, in whichever order the holders come', () => {
    fc.assert(
      fc.property(arbitraryView, (view) => {
        expect(planPlacement({ ...view, holders: view.holders.toReversed() })).toEqual(planPlacement(view));
      }),
    );
  });

  test('spreads what it places evenly over nodes that are placed alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 40 }), (nodes, files) => {
        const kept = new Map(Array.from({ length: nodes }, (_, index) => [String(index), 0]));
        for (let file = 0; file < files; file++) {
          const candidates = [...kept].map(([id, bytes]) => node(id, undefined, bytes));
          const [chosen = ''] = planPlacement({ wanted: 2, holders: [holder('w', undefined)], candidates }).ask;
          kept.set(chosen, (kept.get(chosen) ?? 0) + SPREAD_BYTES);
        }
        const shares = [...kept.values()];
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(SPREAD_BYTES);
      }),
    );
  });

  test('takes another zone before a better-placed node of the same', () => {
    const candidates = [node('near', 'a'), node('far', 'b')];
    expect(planPlacement({ wanted: 2, holders: [holder('w', 'a')], candidates }).ask).toEqual(['far']);
  });

  test('takes the best-placed of those that keep about as much', () => {
    const candidates = [node('first', 'b', SPREAD_BYTES - 1), node('second', 'b', 0)];
    expect(planPlacement({ wanted: 2, holders: [holder('w', 'a')], candidates }).ask).toEqual(['first']);
  });

  test('makes a third copy where two are in one zone, and then gives one of the two up', () => {
    const holders = [holder('w', 'a', false), holder('k', 'a')];
    expect(planPlacement({ wanted: 2, holders, candidates: [node('o', 'b')] })).toEqual({
      ask: ['o'],
      drop: undefined,
    });
    expect(planPlacement({ wanted: 2, holders: [...holders, holder('o', 'b')], candidates: [] })).toEqual({
      ask: [],
      drop: 'k',
    });
  });
});
