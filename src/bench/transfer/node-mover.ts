import { join } from 'node:path';
import { linkInto, type Load } from './contents.ts';
import type { ComparedProfile } from './compared-profiles.ts';
import type { Mover } from './mover.ts';
import { receive } from './receive.ts';
import { TransferNode, type NodeNetwork } from './transfer-node.ts';

export interface NodeMoverOptions {
  readonly network: NodeNetwork;
  readonly compared: ComparedProfile;
  /** Gets the folders of its nodes. */
  readonly directory: string;
  /** Where the files lie. */
  readonly content: string;
  readonly load: Load;
  /** What moves before, untimed. */
  readonly warm: Load;
  /** Whether what was received stays: of many files the removal would slow down the file system for the sample that follows. */
  readonly keepsReceived?: boolean;
}

/** A node that holds files, and for each sample a new one that fetches them. Resolves when the first has hashed them. */
export async function openNodeMover(options: NodeMoverOptions): Promise<Mover> {
  const { network, compared, directory, content, load, warm, keepsReceived: keepsFolder } = options;
  const { profile } = compared;
  const files = [...load.files, ...warm.files];
  const folder = join(directory, `${profile}-source`);
  await linkInto(folder, content, files);
  const source = await TransferNode.start(network, { folder, profile });
  try {
    await source.list(files);
  } catch (error) {
    await source.close();
    throw error;
  }
  let moves = 0;
  return {
    move: () => {
      const folder = join(directory, `${profile}-${moves++}`);
      return receive({ network, profile, folder, keepsFolder, from: source, load, warm });
    },
    close: () => source.close(),
  };
}
