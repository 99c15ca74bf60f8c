import { expectHealthyAfter } from '../support/soak.ts';

describe('a network after a random history', () => {
  test('agrees on its nodes and files, and every file can be fetched', async () => {
    await expectHealthyAfter(30, 60);
  });
});
