import { LINKS, runSeed } from './seeds.ts';

describe('MRT over a simulated link, at length', () => {
  for (const [name, link] of Object.entries(LINKS)) {
    test(`delivers every frame once, whole and in order, or ends with a code: ${name}`, () => {
      for (let seed = 1_000; seed < 1_500; seed += 1) expect({ seed, wrong: runSeed(seed, link) }).toEqual({ seed });
    }, 300_000);
  }
});
