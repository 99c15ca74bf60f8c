import fc from 'fast-check';
import type { RankedNeighbour } from '../../../src/kernel/index.ts';

export interface Operation {
  readonly insert: boolean;
  readonly neighbour: RankedNeighbour;
}

/** Inserts and removals that meet: few different scores and ids. */
export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.record({
    insert: fc.boolean(),
    neighbour: fc.record({ score: fc.integer({ min: 0, max: 30 }), id: fc.constantFrom('a', 'b', 'c') }),
  }),
  { maxLength: 200, size: 'max' },
);
