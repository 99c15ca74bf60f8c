import { join } from 'node:path';
import { movingProfiles } from './compared-profiles.ts';
import { writeContent, type Load, type WrittenFile } from './contents.ts';
import { openLimitMover } from './limit-mover.ts';
import type { LimitForm } from './limit-program.ts';
import { measureMoves, type MoveOutcomes, type Opening } from './mover.ts';
import { openNodeMover } from './node-mover.ts';
import type { PartOptions } from './part.ts';

/** What the forms of the limit program are called. */
export const LIMITS: Readonly<Record<LimitForm, string>> = { sealed: 'limit program', plain: 'plain TCP' };

/** One large file from one source to one receiver: by the limit program in both its forms, and by nodes of each profile. */
export async function measureLarge(options: PartOptions): Promise<MoveOutcomes> {
  const { network, profiles, plan, progress, stage, directory } = options;
  const { context } = network;
  const content = join(directory, 'content');
  const write = (name: string, size: number) => writeContent(content, { name, size, seed: `${context.seed} ${name}` });
  const file = await write('large', plan.large.bytes);
  const warm = await write('warm', plan.large.warmBytes);
  const limits = (['sealed', 'plain'] as const).map((form): Opening => {
    const name = LIMITS[form];
    return { name, open: () => openLimitMover({ context, name, form, directory, content, file, warm }) };
  });
  const nodes = movingProfiles(profiles).map((compared): Opening => {
    const loads = { load: alone(file), warm: alone(warm) };
    return { name: compared.name, open: () => openNodeMover({ network, compared, directory, content, ...loads }) };
  });
  return measureMoves({ context, progress, stage, sampling: plan.large, openings: [...limits, ...nodes] });
}

function alone(file: WrittenFile): Load {
  return { query: file.name, files: [file] };
}
