import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScenario } from '../../src/sim/index.ts';
import { ROOT } from '../support/source-files.ts';
import { simulated } from './support/simulated.ts';

const SEEDS = Array.from({ length: 50 }, (_, index) => 1 + index);

describe('scenarios/files.yaml', () => {
  const text = readFileSync(join(ROOT, 'scenarios', 'files.yaml'), 'utf8');
  test.each(SEEDS)('holds with seed %i', async (seed) => {
    expect((await runScenario(simulated(text, seed))).problems).toEqual([]);
  });
});
