import { ddmin } from './ddmin.ts';
import { runScenario, type RunOptions, type RunResult } from './run-scenario.ts';

/** Runs that shrinking may take. */
const MAX_RUNS = 400;

export interface ShrinkOptions extends Omit<RunOptions, 'timeline' | 'onLine'> {
  /** Hears of each part that was tried. */
  readonly onTried?: ((tried: { readonly runs: number; readonly events: number }) => void) | undefined;
  /** Runs it may take; 400 where it is left out. */
  readonly maxRuns?: number;
}

/**
 * Leaves events out of a failing run as long as it goes on to fail in the same way: an expectation that did not hold before does not hold
 * still. The same seed goes with it: identities, topology and what chance does on the links stay as they were.
 */
export async function shrinkRun(failed: RunResult, options: ShrinkOptions): Promise<RunResult> {
  const { onTried, maxRuns = MAX_RUNS, ...rest } = options;
  const wanted = failed.problems[0]?.expectation;
  let runs = 0;
  let best = failed;
  await ddmin(failed.timeline, async (timeline) => {
    if (runs >= maxRuns) return false;
    const result = await runScenario({ ...rest, timeline });
    onTried?.({ runs: ++runs, events: timeline.length });
    const fails = result.problems.some(({ expectation }) => expectation === wanted);
    if (fails && timeline.length < best.timeline.length) best = result;
    return fails;
  });
  return best;
}
