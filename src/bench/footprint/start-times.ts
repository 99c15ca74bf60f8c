import { join } from 'node:path';
import { seededRandom } from '../../kit/index.ts';
import { formatSharedKey } from '../../node/identity/shared-key.ts';
import type { BenchContext } from '../bench.ts';
import { interleave, type SampleOutcome } from '../interleave.ts';
import type { StagedProgress } from '../staged-progress.ts';
import { startWords } from './start-words.ts';
import { WatchedProcess } from './watched-process.ts';

/** A process that does nothing: what Node.js itself takes. Prints that it is ready as a node does. */
export const NOTHING: readonly string[] = [
  '--eval',
  `console.log('{"event":"ready"}'); setInterval(() => {}, 2 ** 30)`,
];

export interface StartTimesOptions {
  readonly context: BenchContext;
  readonly profiles: readonly string[];
  /** What the process that does nothing is called. */
  readonly reference: string;
  /** Gets a folder for each start. */
  readonly directory: string;
  readonly sharedKey: Uint8Array;
  readonly rounds: number;
  readonly progress: StagedProgress;
}

/** Seconds from the start of a process until it is ready, by profile: each time in an empty folder of its own. */
export async function startTimes(options: StartTimesOptions): Promise<ReadonlyMap<string, SampleOutcome<number>>> {
  const { context, profiles, reference, directory, sharedKey, rounds, progress } = options;
  const { clock, signal, seed } = context;
  let starts = 0;
  const time = async (words: readonly string[]): Promise<number> => {
    const environment = { ...context.environment, PEERHOLD_KEY: formatSharedKey(sharedKey) };
    const started = clock.now();
    const process = new WatchedProcess({ words, environment, withFigures: false, clock, signal });
    try {
      await process.next('ready');
      return (clock.now() - started) / 1_000;
    } finally {
      await process.close();
    }
  };
  const subjects = profiles.map((profile) => ({
    name: profile,
    sample: () => {
      const folder = join(directory, `start-${starts++}`);
      return time(startWords(context, { folder, profile, config: context.program.config }));
    },
  }));
  return interleave({
    subjects: [{ name: reference, sample: () => time(NOTHING) }, ...subjects],
    warmUps: 1,
    rounds,
    clock,
    random: seededRandom(seed),
    signal,
    progress: ({ name, done, of }) => progress.step(name, done / of),
  });
}
