import { expectHealthyAfter } from '../support/soak.ts';

/** Some that found something once, and sixty more. */
const SEEDS = [33, 36, 42, 44, ...Array.from({ length: 60 }, (_, index) => 1_000 + index)];

describe('a network after a long random history', () => {
  test.each(SEEDS)('agrees on its nodes and files, and every file can be fetched: seed %i', async (seed) => {
    await expectHealthyAfter(seed, 150);
  });
});
