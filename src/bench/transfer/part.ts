import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage, StagedProgress } from '../staged-progress.ts';
import type { ComparedProfiles } from './compared-profiles.ts';
import type { TransferPlan } from './plan.ts';
import type { NodeNetwork } from './transfer-node.ts';

/** What each part of a run is given. */
export interface PartOptions {
  readonly network: NodeNetwork;
  readonly profiles: ComparedProfiles;
  readonly plan: TransferPlan;
  readonly progress: StagedProgress;
  readonly stage: Stage;
  /** Its own, which is gone when it is over. */
  readonly directory: string;
}

/** Gives a part of a run a directory of its own, in which its folders lie. */
export async function inOwnDirectory<T>(
  parent: string,
  name: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = join(parent, name);
  await mkdir(directory);
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
