import { LINKS, runSeed } from './seeds.ts';

describe('MRT over a simulated link', () => {
  for (const [name, link] of Object.entries(LINKS)) {
    test(`delivers every frame once, whole and in order, or ends with a code: ${name}`, () => {
      const wrong = Array.from({ length: 40 }, (_, seed) => runSeed(seed, link)).filter((text) => text !== undefined);
      expect(wrong).toEqual([]);
    });
  }
});
