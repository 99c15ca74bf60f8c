import { join } from 'node:path';
import { configProfiles } from './compared-profiles.ts';
import { writeContent, type Load, type WrittenFile } from './contents.ts';
import { measureMoves, type MoveOutcomes } from './mover.ts';
import { openNodeMover } from './node-mover.ts';
import type { PartOptions } from './part.ts';

/** A folder of many small files, by one GET. */
export async function measureFolder(options: PartOptions): Promise<MoveOutcomes> {
  const { network, profiles, plan, progress, stage, directory } = options;
  const { context } = network;
  const { files, fileBytes, warmFiles } = plan.folder;
  const content = join(directory, 'content');
  const write = async (folder: string, count: number): Promise<Load> => {
    const written: WrittenFile[] = [];
    for (let index = 0; index < count; index++) {
      const name = `${folder}/${index}`;
      written.push(await writeContent(content, { name, size: fileBytes, seed: `${context.seed} ${name}` }));
    }
    return { query: `${folder}/`, files: written };
  };
  const loads = { load: await write('many', files), warm: await write('warm', warmFiles) };
  const openings = configProfiles(profiles).map((compared) => ({
    name: compared.name,
    open: () => openNodeMover({ network, compared, directory, content, ...loads, keepsReceived: true }),
  }));
  return measureMoves({ context, progress, stage, sampling: plan.folder, openings });
}
