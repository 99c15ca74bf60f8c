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

/** What takes longer is cut short: the whole hour of starved.yaml takes minutes of a core, and is for the command. */
const LONGEST_SECONDS = 300;

describe.each(Object.entries(SEEDS))('scenarios/%s.yaml', (name, seeds) => {
  const text = readFileSync(join(ROOT, 'scenarios', `${name}.yaml`), 'utf8');
  test.each(seeds)(
    'holds with seed %i',
    async (seed) => {
      const { scenario, ...options } = simulated(text, seed);
      const seconds = Math.min(scenario.seconds, LONGEST_SECONDS);
      const events = scenario.events.filter(({ at }) => at < seconds);
      expect((await runScenario({ ...options, scenario: { ...scenario, seconds, events } })).problems).toEqual([]);
      // Fifty nodes at once, or twenty for minutes of their time: seconds on a quiet machine.
    },
    120_000,
  );
});
