import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { BenchContext, BenchProgress } from '../../../src/bench/bench.ts';
import { compareTransfers } from '../../../src/bench/transfer/index.ts';
import type { TransferPlan } from '../../../src/bench/transfer/plan.ts';
import { failuresOf } from '../../../src/bench/run-bench.ts';
import { isMeasured } from '../../../src/bench/report.ts';
import { useTemporaryFolder } from '../../cli/support/temporary-folder.ts';
import { fakeNetwork, HONEST_GET } from './support/fake-node.ts';

const folder = useTemporaryFolder();

const TINY: TransferPlan = {
  large: { bytes: 40_000, warmBytes: 10_000, rounds: 1, seconds: 1 },
  folder: { files: 3, fileBytes: 500, warmFiles: 2, rounds: 1, seconds: 1 },
  sources: { bytes: 20_000, rate: 10_000, rounds: 1, seconds: 1 },
  change: { bytes: 40_000, changedBytes: 1_000, rounds: 2 },
};

/** A whole run over the fake program, in which what is left in the temporary directory is told. */
async function run(get: string, changes: Partial<BenchContext> = {}) {
  const { context } = await fakeNetwork(folder.path, get);
  const seen: BenchProgress[] = [];
  const result = compareTransfers({ ...context, progress: (progress) => seen.push(progress), ...changes }, TINY);
  return { result, seen };
}

const leftBehind = async (before: readonly string[]) =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('peerhold-bench-') && !before.includes(name));

test('a run tells of every part, goes from nothing to all, and removes what it wrote', async () => {
  const before = await readdir(tmpdir());
  const { result, seen } = await run(HONEST_GET);
  const { sections } = await result;
  expect([...new Set(sections.map(({ group }) => group))]).toEqual([
    'One large file',
    'A folder of small files',
    'Several sources',
    'A changed file',
    'Memory',
  ]);
  const large = sections.find(({ id }) => id === 'large-limit')!;
  expect(large.subjects).toEqual(['limit program', 'lan', 'lan without cipher', 'default']);
  for (const subject of large.subjects) expect(isMeasured(large.rows[0]!.cells[subject])).toBe(true);
  expect(sections.find(({ id }) => id === 'change')!.rows[0]!.cells['lan']).toMatchObject({ samples: [7, 7] });
  const fractions = seen.map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions[0]).toBe(0);
  expect(await leftBehind(before)).toEqual([]);
});

test('a source that could not be frozen in time has no time, and says so', async () => {
  const { sections } = await (await run(HONEST_GET)).result;
  expect([...failuresOf({ sections })]).toEqual([
    ['4 sources, one frozen half way', 'the file was there before half of the time it takes'],
  ]);
});

test('a program that delivers something else has no times at all, and the limit program has', async () => {
  const wrong = `mkdirSync(dirname(join(folder, argument)), { recursive: true });
    writeFileSync(join(folder, argument), 'else'); say({ event: 'received', sources: {} });`;
  const { sections } = await (await run(wrong)).result;
  const failures = failuresOf({ sections });
  for (const name of ['lan', 'lan without cipher', 'default', 'one source'])
    expect(failures.get(name)).toContain('is not what was sent');
  expect(failures.has('limit program')).toBe(false);
});

test('a run that is given up rejects with the reason and leaves nothing behind', async () => {
  const before = await readdir(tmpdir());
  const giveUp = new AbortController();
  const progress = ({ label }: BenchProgress) => {
    if (label.startsWith('a folder')) giveUp.abort(new Error('enough'));
  };
  const { context } = await fakeNetwork(folder.path, HONEST_GET);
  await expect(compareTransfers({ ...context, progress, signal: giveUp.signal }, TINY)).rejects.toThrow('enough');
  expect(await leftBehind(before)).toEqual([]);
});
