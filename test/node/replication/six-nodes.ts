import type { SimulatedNetwork, SimulatedNode } from '../../support/simulated-network.ts';

/** The zones of six nodes, in their order. */
export const ZONES = ['a', 'a', 'b', 'b', 'c', 'c'];

/** Contents by name. */
export type Files = Readonly<Record<string, string>>;

const REPAIRED_SECONDS = 15;

/** Six nodes in three zones, all connected to each other; the first has the files, or each some. */
export async function startSix(
  network: SimulatedNetwork,
  files: Files | readonly Files[] = { 'file.txt': 'kept twice' },
  replicas = 2,
): Promise<SimulatedNode[]> {
  const nodes: SimulatedNode[] = [];
  const filesOf = [files].flat();
  for (const [index, zone] of ZONES.entries()) {
    const node = await network.start(index + 1, { settings: { zone, replicas }, files: filesOf[index] ?? {} });
    for (const other of nodes) await network.while(() => node.node.add(other.address));
    nodes.push(node);
  }
  return nodes;
}

/** Who holds a file, by what a node has heard. */
export function holders({ node }: SimulatedNode, name = 'file.txt'): string[] {
  return [...(node.list().find((file) => file.name === name)?.holders ?? [])].sort();
}

/** The zone of one of the six. */
export function zoneOf(nodes: readonly SimulatedNode[], id: string): string | undefined {
  return ZONES[nodes.findIndex(({ node }) => node.id === id)];
}

/** Lets some of six nodes die one after the other, and throws unless two hold each file again in time after each, and never two in one zone. */
export async function expectCopiesAgainAfter(network: SimulatedNetwork, victims: readonly number[]): Promise<void> {
  const names = ZONES.map((_, index) => `file ${index}`);
  const nodes = await startSix(
    network,
    names.map((name) => ({ [name]: `the content of ${name}` })),
  );
  await network.clock.advance(5_000);
  let living = nodes;
  for (const victim of victims) {
    living = living.filter((node) => node !== nodes[victim]);
    network.kill(nodes[victim]!);
    for (let second = 1; second <= REPAIRED_SECONDS; second++) {
      await network.clock.advance(1_000);
      for (const name of names) {
        // By the word of each holder itself.
        const holding = living.filter((each) => holders(each, name).includes(each.node.id));
        const zones = holding.map(({ node }) => zoneOf(nodes, node.id));
        expect(zones).toEqual([...new Set(zones)]);
      }
    }
    for (const each of living) for (const name of names) expect(holders(each, name)).toHaveLength(2);
  }
}
