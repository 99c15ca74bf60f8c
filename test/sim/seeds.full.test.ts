import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScenario } from '../../src/sim/index.ts';
import { ROOT } from '../support/source-files.ts';
import { simulated } from './support/simulated.ts';

const first = (count: number) => Array.from({ length: count }, (_, index) => 1 + index);

/** Seeds of each scenario that ships, as many as a minute allows in all, and those that found something once. */
const SEEDS = {
  files: first(10),
  churn: [...first(8), 25, 26, 31],
  mixed: [...first(8), 25, 26, 33, 67, 152, 159],
  partition: first(30),
  starved: [1],
  'mass-crash': first(2),
};

describe.each(Object.entries(SEEDS))('scenarios/%s.yaml', (name, seeds) => {
  const text = readFileSync(join(ROOT, 'scenarios', `${name}.yaml`), 'utf8');
  test.each(seeds)(
    'holds with seed %i',
    async (seed) => {
      expect((await runScenario(simulated(text, seed))).problems).toEqual([]);
      // Fifty nodes at once, or twenty for an hour of their time: seconds on a quiet machine.
    },
    120_000,
  );
});
