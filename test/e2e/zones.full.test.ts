import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeProcess } from '../../src/cli/node-process.ts';
import { eventually } from './support/eventually.ts';
import { useNodes } from './support/start-node.ts';

const ZONES = ['a', 'a', 'b', 'b', 'c', 'c'];
const NAMES = ZONES.map((_, index) => `file ${index}.bin`);
const FILE_LENGTH = 300_000;
const REPAIRED_MS = 15_000;
const PATIENCE_MS = 60_000;

// As shipped: two copies of each file, and the documented timers.
const nodes = useNodes();

interface Placed {
  readonly node: NodeProcess;
  readonly zone: string;
}

async function start(zone: string, folder: string): Promise<Placed> {
  const flags = ['--config', await nodes.configWith({ settings: { zone } })];
  return { zone, node: await nodes.start({ folder, flags }) };
}

/** Six nodes with a file each, all of which know each other. */
async function startSix(): Promise<Placed[]> {
  const six = await Promise.all(
    ZONES.map(async (zone, index) => {
      const folder = await nodes.folder();
      await writeFile(join(folder, NAMES[index]!), Buffer.alloc(FILE_LENGTH, NAMES[index]));
      return start(zone, folder);
    }),
  );
  for (const { node } of six.slice(1)) await node.expect('added', `ADD ${six[0]!.node.address}`);
  return six;
}

/** Waits until all of these nodes say that each file is held by two of them or more, in two zones. */
async function kept(living: readonly Placed[], timeoutMs: number): Promise<void> {
  const zoneOf = (id: string) => living.find(({ node }) => node.id === id)?.zone ?? 'dead';
  await eventually(async () => {
    for (const { node } of living) {
      const { files } = await node.expect('listed', 'LIST');
      expect(files.map(({ name }) => name)).toEqual(NAMES);
      for (const { holders } of files) {
        const zones = holders.map(zoneOf);
        expect(zones).not.toContain('dead');
        expect(new Set(zones).size).toBeGreaterThanOrEqual(2);
      }
    }
  }, timeoutMs);
}

test.each([
  ['of one zone', [0, 1]],
  ['of two zones', [5, 2]],
])(
  'of six nodes in three zones two %s are killed one after the other: each file has two copies in two zones within 15 s of each loss',
  async (_which, victims) => {
    const six = await startSix();
    await kept(six, PATIENCE_MS);
    let living = six;
    for (const victim of victims) {
      await six[victim]!.node.kill();
      living = living.filter((placed) => placed !== six[victim]);
      await kept(living, REPAIRED_MS);
    }
    const { safe, files } = await living[0]!.node.expect('safe', 'SAFE');
    expect([safe, files.length]).toEqual([true, NAMES.length]);
  },
  180_000,
);
