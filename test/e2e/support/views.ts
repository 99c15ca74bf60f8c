import type { NodeProcess } from '../../../src/cli/node-process.ts';
import type { ListedFile } from '../../../src/node/api.ts';
import { eventually } from './eventually.ts';

/** What a node shows of its network, put so that nodes that agree show the same. */
export async function viewOf(node: NodeProcess) {
  const [{ files }, { peers }] = await Promise.all([node.expect('listed', 'LIST'), node.expect('peers', 'PEERS')]);
  return {
    nodes: [node.id, ...peers.map(({ id }) => id)].sort(),
    // Each node names the holders in its own order of distance.
    files: files.map((file) => ({ ...file, holders: [...file.holders].sort() })),
  };
}

/** Waits until nodes show all of each other and nobody else, and one list; resolves to that list. */
export async function agreement(nodes: readonly NodeProcess[], timeoutMs?: number): Promise<readonly ListedFile[]> {
  const everybody = nodes.map(({ id }) => id).sort();
  return eventually(async () => {
    const views = await Promise.all(nodes.map(viewOf));
    for (const view of views) expect(view).toEqual({ nodes: everybody, files: views[0]?.files });
    return views[0]?.files ?? [];
  }, timeoutMs);
}

/** Waits until every node lists exactly these names that fulfil the condition, in any order. */
export async function listing(
  nodes: readonly NodeProcess[],
  wanted: readonly string[],
  { among = () => true, timeoutMs }: { among?: (name: string) => boolean; timeoutMs?: number } = {},
): Promise<void> {
  await eventually(async () => {
    for (const node of nodes) {
      const { files } = await node.expect('listed', 'LIST');
      expect(files.map(({ name }) => name).filter(among)).toEqual([...wanted].sort());
    }
  }, timeoutMs);
}
