import fc from 'fast-check';
import { dialsFirst, planHealing, type HealingStep } from '../../../src/node/overlay/healing.ts';
import type { NodeRecord } from '../../../src/node/records.ts';

const node = (number: number, port = 1_000 + number): NodeRecord => ({
  id: number.toString(16).padStart(32, '0'),
  address: `10.0.0.1:${port}`,
  incarnation: 1,
});

function plan(
  self: NodeRecord,
  survivors: readonly NodeRecord[],
  limit = 8,
  connected: readonly NodeRecord[] = [],
): HealingStep[] {
  const ids = new Set(connected.map(({ id }) => id));
  const ranked = survivors.map(({ id }) => id).sort();
  return planHealing({ self, survivors, isConnected: (id) => ids.has(id), ranked, limit });
}

describe('healing', () => {
  test('up to the limit all pairs connect', () => {
    const survivors = [1, 2, 3, 4].map((number) => node(number));
    for (const self of survivors) {
      const targets = plan(self, survivors).map(({ target }) => target.id);
      expect(targets.sort()).toEqual(survivors.map(({ id }) => id).filter((id) => id !== self.id));
    }
  });

  test('of a pair the higher port dials, compared as a number', () => {
    expect(dialsFirst(node(1, 35_378), node(2, 7_111))).toBe(true);
    expect(dialsFirst(node(2, 7_111), node(1, 35_378))).toBe(false);
  });

  test('of a pair with equal ports the higher id dials', () => {
    expect(dialsFirst(node(2, 5), node(1, 5))).toBe(true);
    expect(dialsFirst(node(1, 5), node(2, 5))).toBe(false);
  });

  test('whoever is connected already is left alone', () => {
    const survivors = [1, 2, 3].map((number) => node(number));
    expect(plan(node(1), survivors, 8, [node(2)]).map(({ target }) => target.id)).toEqual([node(3).id]);
  });

  test('a leaver without other neighbours leaves nothing to heal', () => {
    expect(plan(node(1), [node(1)])).toEqual([]);
    expect(plan(node(1), [])).toEqual([]);
  });

  test('a survivor named twice is dialled once', () => {
    expect(plan(node(1), [node(1), node(2), node(2)])).toHaveLength(1);
  });

  test('above the limit a node takes its two successors in the ring of ids, then the best-ranked', () => {
    const survivors = Array.from({ length: 12 }, (_, index) => node(index + 1));
    const ranked = [11, 9, 3, 10, 1, 2, 4, 6, 7, 8, 12].map((number) => node(number).id);
    const steps = planHealing({ self: node(5), survivors, isConnected: () => false, ranked, limit: 4 });
    expect(steps.map(({ target }) => target.id)).toEqual([6, 7, 11, 9].map((number) => node(number).id));
  });

  test('above the limit the survivors end in one connected overlay, each dialling at most the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 60 }), fc.integer({ min: 2, max: 8 }), (count, limit) => {
        const survivors = Array.from({ length: count }, (_, index) => node(index + 1));
        const neighbours = new Map(survivors.map(({ id }) => [id, new Set<string>()]));
        for (const self of survivors) {
          const steps = plan(self, survivors, limit);
          expect(steps.length).toBeLessThanOrEqual(Math.max(limit, 2));
          for (const { target } of steps) {
            neighbours.get(self.id)?.add(target.id);
            neighbours.get(target.id)?.add(self.id);
          }
        }
        expect(reachable(neighbours, node(1).id)).toBe(count);
      }),
    );
  });
});

function reachable(neighbours: ReadonlyMap<string, ReadonlySet<string>>, start: string): number {
  const seen = new Set([start]);
  for (const id of seen) for (const next of neighbours.get(id) ?? []) seen.add(next);
  return seen.size;
}
