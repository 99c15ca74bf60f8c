import { SimulatedNetwork, writeFile, type SimulatedNode } from '../../support/simulated-network.ts';

let network: SimulatedNetwork;
let nodes: SimulatedNode[];

beforeEach(async () => {
  network = new SimulatedNetwork();
  nodes = [];
  for (const [index, zone] of ['a', 'b', 'c'].entries()) {
    const files: Record<string, string> = index === 0 ? { 'file.txt': 'to be kept', 'other.txt': 'too' } : {};
    const node = await network.start(index + 1, { settings: { zone, replicas: 2 }, files });
    if (index > 0) await network.while(() => node.node.add(nodes[0]!.address));
    nodes.push(node);
  }
  await network.clock.advance(5_000);
});
afterEach(() => network.end());

const safe = (node: SimulatedNode | undefined, query?: string) => network.while(() => node!.node.safe(query));
const keeperOf = (name: string) => {
  const holders = nodes[0]!.node.list().find((file) => file.name === name)?.holders ?? [];
  return nodes.slice(1).find(({ node }) => holders.includes(node.id))!;
};

/** What a node keeps for others now is read wrong from here on, under the same size and date. */
async function rot({ disk }: SimulatedNode): Promise<void> {
  const names = (await disk.list('.peerhold/replicas')).map(({ name }) => `.peerhold/replicas/${name}`);
  const rotten = new Set((await Promise.all(names.map((name) => disk.stat(name)))).map((stat) => stat?.inode));
  const open = disk.open.bind(disk);
  disk.open = async (path, mode) => {
    const file = await open(path, mode);
    if (!rotten.has((await file.stat()).inode)) return file;
    const read = file.read.bind(file);
    file.read = async (position, length) => (await read(position, length)).map((byte) => byte ^ 1);
    return file;
  };
}

describe('SAFE', () => {
  test('says of each file how many nodes showed that they hold it, and where they stand', async () => {
    const { files, ...report } = await safe(nodes[2]);
    expect(report).toEqual({ safe: true });
    expect(files.map(({ name }) => name)).toEqual(['file.txt', 'other.txt']);
    for (const file of files) {
      expect(file).toMatchObject({ copies: 2, wanted: 2, missing: 0, safe: true });
      expect(file.holders).toContain(nodes[0]!.node.id);
      expect(file.zones).toHaveLength(2);
    }
  });

  test('counts no holder whose replica is damaged', async () => {
    const keeper = keeperOf('file.txt');
    for (const { name } of await keeper.disk.list('.peerhold/replicas'))
      await writeFile(keeper.disk, `.peerhold/replicas/${name}`, 'damaged');
    const report = await safe(nodes[0], 'file.txt');
    expect(report.safe).toBe(false);
    expect(report.files).toMatchObject([{ copies: 1, missing: 1, safe: false, holders: [nodes[0]!.node.id] }]);
  });

  test('that finds a replica rotten has it dropped and made anew, though its size and date are as they were', async () => {
    const keeper = keeperOf('file.txt');
    await rot(keeper);
    expect(await safe(nodes[0], 'file.txt')).toMatchObject({ safe: false, files: [{ copies: 1 }] });
    await network.clock.advance(10_000);
    expect(keeper.log.named('replica.rotten').map(({ fields }) => fields['name'])).toEqual(['file.txt']);
    expect(await safe(nodes[0], 'file.txt')).toMatchObject({ safe: true, files: [{ copies: 2 }] });
  });

  test('finds a rotten replica of the node itself', async () => {
    const keeper = keeperOf('file.txt');
    await rot(keeper);
    expect(await safe(keeper, 'file.txt')).toMatchObject({ safe: false });
    await network.clock.advance(10_000);
    expect(keeper.log.named('replica.rotten')).toHaveLength(1);
    expect(await safe(keeper, 'file.txt')).toMatchObject({ safe: true });
  });

  test('counts nobody who is dead and not yet known to be', async () => {
    network.kill(keeperOf('file.txt'));
    expect(await safe(nodes[0], 'file.txt')).toMatchObject({ safe: false, files: [{ copies: 1, missing: 1 }] });
  });

  test('of a file that nobody holds is ERR_NO_SUCH_FILE', async () => {
    await expect(safe(nodes[0], 'none.txt')).rejects.toMatchObject({ code: 'ERR_NO_SUCH_FILE' });
  });
});
