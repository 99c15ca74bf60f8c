import { runScenario } from '../../src/sim/index.ts';
import { simulated } from './support/simulated.ts';
import { SHORT_CASES } from './support/upkeep-cases.ts';

test.each(SHORT_CASES)('$name', async ({ text }) => {
  expect((await runScenario(simulated(text, 1))).problems).toEqual([]);
});
