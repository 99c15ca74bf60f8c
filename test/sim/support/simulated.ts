import { resolveProfile } from '../../../src/kernel/index.ts';
import { readScenario, type RunOptions } from '../../../src/sim/index.ts';
import config from '../../../plugins.config.ts';

/** What `runScenario` needs: the shipped simulation profile, a scenario as text, a seed. */
export function simulated(text: string, seed = 1): RunOptions {
  return { scenario: readScenario(text, 'test'), seed, profile: () => resolveProfile(config, 'simulation') };
}
