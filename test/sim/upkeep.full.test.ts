import { runScenario } from '../../src/sim/index.ts';
import { simulated } from './support/simulated.ts';
import { LONG_CASES, SHORT_CASES } from './support/upkeep-cases.ts';

describe.each([1, 2])('with seed %i', (seed) => {
  test.each([...SHORT_CASES, ...LONG_CASES])('$name', async ({ text }) => {
    expect((await runScenario(simulated(text, seed))).problems).toEqual([]);
  });
});
