import { rm } from 'node:fs/promises';
import { checkContents, type Load } from './contents.ts';
import type { Move } from './mover.ts';
import { TransferNode, type NodeNetwork } from './transfer-node.ts';

export interface ReceiveOptions {
  readonly network: NodeNetwork;
  readonly profile: string;
  /** Of the receiver: new, and gone afterwards unless it is kept. */
  readonly folder: string;
  readonly keepsFolder?: boolean | undefined;
  /** The node it is connected to; it hears of the others from that. */
  readonly from: Pick<TransferNode, 'address' | 'peakMemory'>;
  /** How many nodes hold what is moved. */
  readonly holders?: number;
  readonly load: Load;
  /** What moves before, untimed. */
  readonly warm?: Load | undefined;
  /** What happens while the load moves; told when that is over, and ends at once then. */
  readonly meanwhile?: ((over: AbortSignal) => Promise<void>) | undefined;
}

/** Has a new node fetch a load with one GET, and compares what came. */
export async function receive(options: ReceiveOptions): Promise<Move> {
  const { network, profile, folder, keepsFolder = false, from, holders, load, warm, meanwhile } = options;
  const { clock } = network.context;
  try {
    const node = await TransferNode.start(network, { folder, profile });
    let move: Move;
    try {
      await node.add(from.address);
      await node.list([...load.files, ...(warm?.files ?? [])], holders);
      if (warm !== undefined) await node.get(warm.query);
      const started = clock.now();
      await beside(meanwhile, () => node.get(load.query));
      const seconds = (clock.now() - started) / 1_000;
      move = { seconds, sender: await from.peakMemory(), receiver: await node.peakMemory() };
    } finally {
      // Before its files are read, so that it does not read them too.
      await node.close();
    }
    await checkContents(folder, load.files);
    return move;
  } finally {
    if (!keepsFolder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function beside(meanwhile: ReceiveOptions['meanwhile'], work: () => Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const aside = meanwhile?.(over.signal);
  try {
    await work();
  } finally {
    over.abort();
    await aside;
  }
}
