import type { SimulatedNode } from '../../support/simulated-network.ts';

/** Names of the files that a node keeps for others. */
export async function replicas({ disk }: SimulatedNode): Promise<string[]> {
  const there = await disk.stat('.peerhold/replicas');
  return there === undefined ? [] : (await disk.list('.peerhold/replicas')).map(({ name }) => name);
}
