import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '../../kit/index.ts';
import { makeSharedKey } from '../../node/identity/shared-key.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { BenchResult } from '../report.ts';
import { StagedProgress } from '../staged-progress.ts';
import { checkSpace } from './check-space.ts';
import { comparedProfiles, leftOut, movingProfiles, writeTransferConfig } from './compared-profiles.ts';
import { limitRole } from './limit-role.ts';
import { measureChange } from './measure-change.ts';
import { measureFolder } from './measure-folder.ts';
import { measureLarge } from './measure-large.ts';
import { measureSources, SOURCES_CONDITIONS } from './measure-sources.ts';
import { inOwnDirectory, type PartOptions } from './part.ts';
import { FULL_PLAN, QUICK_PLAN, spaceNeeded, type TransferPlan } from './plan.ts';
import { transferSections } from './sections.ts';

/** Whole files between real nodes, against what a program could do that does nothing else. */
export const transfer: Bench = {
  name: 'transfer',
  about: 'whole files between nodes: large, small, from several sources, changed; with a limit program',
  kinds: [],
  workers: { limit: limitRole },
  run: (context) => compareTransfers(context, context.quick ? QUICK_PLAN : FULL_PLAN),
};

const METHOD: readonly string[] = [
  'Real processes of `peerhold start --json` on the loopback address, each with a folder of its own on one disk, driven as a user would: ADD, LIST, GET. ' +
    'The source has hashed its files before, and they are in the memory of the system. Every sample has a new receiver, which ends with it. ' +
    'Nobody keeps copies for others (`replicas` is 0). Many small files stay where they came until all samples are taken, since a file system is slow that has ' +
    'just removed thousands.',
  'A time goes from the command until its answer, which says that what was asked for is durable; before it a smaller load moves between the same two ' +
    'processes, so that their code is compiled. The limit program runs in two processes likewise, syncs its file at the end, and is timed by the same clock.',
  'What came is read again, and its SHA-256 computed here, when the receiver has ended: where it is not what was written the subject has failed, and is not timed.',
  'Subjects take turns in an order drawn anew for each round. A source that is frozen is stopped by a signal after half of the time that all would take at their ' +
    'rates. Memory is the peak that the system counted for each process.',
];

/** Measures, by the plan, what `comparedProfiles` picks of the config in use. Throws ERR_DISK_FULL before where the disk is too full. */
export async function compareTransfers(context: BenchContext, plan: TransferPlan): Promise<BenchResult> {
  await checkSpace(tmpdir(), spaceNeeded(plan));
  const profiles = comparedProfiles(context);
  const moving = movingProfiles(profiles).length;
  const stages = stagesOf(plan, moving);
  const progress = new StagedProgress(context.progress, Object.values(stages));
  const directory = await mkdtemp(join(tmpdir(), 'peerhold-bench-'));
  try {
    const { config: configFile } = context.program;
    const config = await writeTransferConfig(directory, { profiles, rate: plan.sources.rate, configFile });
    const network = { context, config, sharedKey: makeSharedKey(systemRandom()) };
    const part = <T>(name: keyof typeof stages, measure: (options: PartOptions) => Promise<T>): Promise<T> => {
      const shared = { network, profiles, plan, progress, stage: stages[name] };
      return inOwnDirectory(directory, name, (own) => measure({ ...shared, directory: own }));
    };
    const large = await part('large', measureLarge);
    const folder = await part('folder', measureFolder);
    const sources = await part('sources', measureSources);
    const change = await part('change', measureChange);
    return {
      title: 'Whole files',
      method: METHOD,
      notes: leftOut(profiles, context),
      sections: transferSections({ profiles, large, folder, sources, change }, plan),
    };
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What a sample takes beside the moving of its files, about, and bytes that move in a second: for the progress only. */
const SAMPLE_SECONDS = 2;
const USUAL_RATE = 200e6;

/** The parts of a run, in their order. */
function stagesOf({ large, folder, sources, change }: TransferPlan, moving: number) {
  const samples = (count: number, seconds: number) => count * (seconds + SAMPLE_SECONDS);
  const { length } = SOURCES_CONDITIONS;
  return {
    large: { label: 'one large file', weight: samples(large.rounds * (moving + 2), large.bytes / USUAL_RATE) },
    folder: { label: 'a folder', weight: samples(2 * folder.rounds, folder.files / 1_000) },
    // On average a source in two is at work.
    sources: { label: 'several sources', weight: samples(sources.rounds * length, sources.bytes / sources.rate / 2) },
    change: { label: 'a change', weight: samples(change.rounds + 2, change.bytes / USUAL_RATE) },
  };
}
