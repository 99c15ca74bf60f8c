import { expectHealthyAfter } from '../support/soak.ts';

describe('a network after a random history', () => {
  test.each([30, 44])('agrees on its nodes and files, and every file can be fetched: seed %i', async (seed) => {
    await expectHealthyAfter(seed, 60);
  });
});
