import { join } from 'node:path';
import { toError } from '../../kernel/index.ts';
import type { SampleOutcome } from '../interleave.ts';
import { changeMiddle, checkContents, writeContent, type WrittenFile } from './contents.ts';
import type { PartOptions } from './part.ts';
import { TransferNode } from './transfer-node.ts';

/**
 * Bytes of pieces that a node fetches when a part in the middle of a file was written anew, of which it has the version before. Each sample is
 * one more change.
 */
export async function measureChange(options: PartOptions): Promise<SampleOutcome<number>> {
  const { network, profiles, plan, progress, stage } = options;
  const { rounds } = plan.change;
  const nodes: TransferNode[] = [];
  progress.begin(stage);
  try {
    const pair = await openPair(options, nodes);
    const samples: number[] = [];
    for (let round = 0; round < rounds; round++) {
      progress.step(profiles.first.name, (round + 1) / (rounds + 1));
      samples.push(await fetchChange(options, pair, round));
    }
    return { samples };
  } catch (error) {
    network.context.signal.throwIfAborted();
    return { failed: toError(error).message };
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
  }
}

interface ChangePair {
  readonly source: TransferNode;
  readonly receiver: TransferNode;
  readonly written: WrittenFile;
}

/** Two nodes that have the file before any change. Whatever was started is among `nodes`, also where it rejects. */
async function openPair(
  { network, profiles, plan, directory }: PartOptions,
  nodes: TransferNode[],
): Promise<ChangePair> {
  const start = async (name: string) => {
    const node = await TransferNode.start(network, { folder: join(directory, name), profile: profiles.first.profile });
    nodes.push(node);
    return node;
  };
  const content = { name: 'file', size: plan.change.bytes, seed: `${network.context.seed} file` };
  const written = await writeContent(join(directory, 'source'), content);
  const source = await start('source');
  await source.list([written]);
  const receiver = await start('receiver');
  await receiver.add(source.address);
  await receiver.list([written]);
  await receiver.get(written.name);
  await checkContents(receiver.folder, [written]);
  return { source, receiver, written };
}

async function fetchChange(
  { network, plan }: PartOptions,
  { source, receiver, written }: ChangePair,
  round: number,
): Promise<number> {
  const content = { length: plan.change.changedBytes, seed: `${network.context.seed} change ${round}` };
  const changed = await changeMiddle(source.folder, written, content);
  await receiver.list([changed]);
  const fetched = await receiver.get(changed.name);
  await checkContents(receiver.folder, [changed]);
  return fetched;
}
