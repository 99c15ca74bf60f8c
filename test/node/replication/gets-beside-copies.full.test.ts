import type { SettingsInput } from '../../../src/kernel/index.ts';
import { replicas } from './replicas.ts';
import { SimulatedNetwork, readFile, type SimulatedNode } from '../../support/simulated-network.ts';

const FILES = 100;
/** Longer than what a file takes to ask for, and of few pieces. */
const SLOW = { size: 300 * 1_024, rate: 64 * 1_024 };

let network: SimulatedNetwork;

beforeEach(() => {
  network = new SimulatedNetwork();
});
afterEach(async () => {
  await network.end();
  expect(network.clock.pendingTimers).toBe(0);
});

const content = (index: number) => `content ${index}`;
const folderOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`d/${index}.txt`, content(index)]));

/** So many nodes, all connected to the first, which has the files. */
async function star(
  count: number,
  files: Readonly<Record<string, string>>,
  settings: SettingsInput = {},
): Promise<SimulatedNode[]> {
  const nodes: SimulatedNode[] = [];
  for (let host = 1; host <= count; host++) {
    const node = await network.start(host, {
      ...(host === 1 ? { files } : {}),
      settings: { replicas: 2, ...settings },
    });
    if (host > 1) await network.while(() => node.node.add(nodes[0]!.address));
    nodes.push(node);
  }
  return nodes;
}

const partials = async ({ disk }: SimulatedNode) => disk.list('.peerhold/partial');
/** Bytes of files that a node sent. */
const sentBytes = ({ log }: SimulatedNode) =>
  log.named('transfer.upload_ended').reduce((sum, { fields }) => sum + (fields['bytes'] as number), 0);
const failures = (nodes: readonly SimulatedNode[]) =>
  nodes.flatMap(({ log }) => log.named('transfer.fetch_failed').map(({ fields }) => fields['code']));

describe('GET of a folder of which copies are made at the same time', () => {
  test.each([2, 64])('brings every file to every node, where %i are served at once', async (uploads) => {
    const nodes = await star(4, folderOf(FILES), { uploads });
    const getters = nodes.slice(1);
    const got = await network.while(() => Promise.all(getters.map(({ node }) => node.getAll('d/'))));
    expect(got).toEqual(getters.map(() => ({ files: FILES, failed: 0, failures: [] })));
    for (const { disk } of getters) {
      for (let index = 0; index < FILES; index++) expect(await readFile(disk, `d/${index}.txt`)).toBe(content(index));
    }
    await network.clock.advance(60_000);
    // Folders hold enough: nothing is kept beside them, and nothing half of it is left.
    expect(await Promise.all(nodes.map(replicas))).toEqual(nodes.map(() => []));
    expect(await Promise.all(nodes.map(partials))).toEqual(nodes.map(() => []));
    expect(failures(nodes)).toEqual([]);
  });

  test('takes from its own copies what it keeps, asking nobody', async () => {
    const [writer, keeper] = (await star(2, folderOf(FILES))) as [SimulatedNode, SimulatedNode];
    await network.clock.advance(20_000);
    expect(await replicas(keeper)).toHaveLength(FILES);
    const before = sentBytes(writer);
    network.kill(writer);
    await network.clock.advance(15_000);
    expect(await network.while(() => keeper.node.getAll('d/'))).toMatchObject({ files: FILES, failed: 0 });
    expect(sentBytes(writer)).toBe(before);
    await network.clock.advance(1_000);
    expect(await replicas(keeper)).toEqual([]);
    for (let index = 0; index < FILES; index++)
      expect(await readFile(keeper.disk, `d/${index}.txt`)).toBe(content(index));
  });
});

describe('a file that is fetched and copied at the same time', () => {
  const files = { 'slow.bin': 'x'.repeat(SLOW.size) };
  const settings = { uploadRate: SLOW.rate };

  test('comes once where the copy was begun first: GET waits for it', async () => {
    const [writer, keeper] = (await star(2, files, settings)) as [SimulatedNode, SimulatedNode];
    await network.clock.advance(3_000);
    expect(keeper.node.status().transfers).toBe(1);
    await network.while(() => keeper.node.get('slow.bin'));
    await network.clock.advance(5_000);
    expect(sentBytes(writer)).toBe(SLOW.size);
    expect(await readFile(keeper.disk, 'slow.bin')).toBe(files['slow.bin']);
    expect(await replicas(keeper)).toEqual([]);
    expect(await partials(keeper)).toEqual([]);
  });

  test('comes once where GET was begun first: no copy is kept beside it', async () => {
    const [writer, keeper] = (await star(2, files, settings)) as [SimulatedNode, SimulatedNode];
    await network.while(() => keeper.node.get('slow.bin'));
    await network.clock.advance(10_000);
    expect(sentBytes(writer)).toBe(SLOW.size);
    expect(await replicas(keeper)).toEqual([]);
    expect(writer.log.named('replica.asked').map(({ fields }) => fields['result'])).toEqual(['present']);
    expect(failures([writer, keeper])).toEqual([]);
  });
});

test('hundreds of files have their copies within seconds', async () => {
  const nodes = await star(3, folderOf(300));
  await network.clock.advance(8_000);
  for (const { holders } of nodes[0]!.node.list()) expect(holders).toHaveLength(2);
});
