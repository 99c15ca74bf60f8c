import { expectHealthyAfter } from '../support/soak.ts';

const SEEDS = Array.from({ length: 60 }, (_, index) => 1_000 + index);

describe('a network after a long random history', () => {
  test.each(SEEDS)('agrees on its nodes and files, and every file can be fetched: seed %i', async (seed) => {
    await expectHealthyAfter(seed, 150);
  });
});
