import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMeasured, type BenchReport } from '../../src/bench/report.ts';
import { useTemporaryFolder } from '../cli/support/temporary-folder.ts';
import { eventually } from './support/eventually.ts';
import { runProgram } from './support/run-program.ts';
import { PROGRAM } from './support/start-node.ts';

const folder = useTemporaryFolder();

/** A set that is sound, one that loses what comes last, and one that ends its process. */
const STRATEGIES = `
import { compareNeighbours, definePlugin, z } from 'peerhold';
const make = (change) => () => {
  const entries = [];
  const place = (each) => {
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareNeighbours(entries[middle], each) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const is = (index, each) => index in entries && compareNeighbours(entries[index], each) === 0;
  return {
    get size() { return entries.length; },
    insert: (each) => !is(place(each), each) && entries.splice(place(each), 0, { ...each }) !== undefined,
    remove: (each) => is(place(each), each) && entries.splice(place(each), 1) !== undefined,
    has: (each) => is(place(each), each),
    [Symbol.iterator]: () => entries.values(),
    ...change?.(entries),
  };
};
const plugin = (name, change) =>
  definePlugin({ name, kind: 'neighbourPriority', about: 'A test.', options: z.strictObject({}), create: make(change) });
export const simple = plugin('simple');
export const losing = plugin('losing', (entries) => ({ [Symbol.iterator]: () => entries.slice(0, -1).values() }));
export const ending = plugin('ending', () => ({ has: () => process.exit(7) }));
`;

test('peerhold bench priority compares plugins of a file, and fails those that are wrong', async () => {
  const strategies = join(folder.path, 'strategies.mjs');
  const report = join(folder.path, 'report');
  await writeFile(strategies, STRATEGIES);
  const words = ['bench', 'priority', '--quick', '--strategies', strategies, '--json', '--report', report];
  const { code, stdout } = await runProgram(words);
  expect(code).toBe(1);
  const found = JSON.parse(stdout) as BenchReport;
  expect(found).toMatchObject({ format: 1, bench: 'priority', quick: true, seed: 1 });
  for (const { id, subjects, rows } of found.sections) {
    expect(subjects).toEqual(expect.arrayContaining(['simple', 'losing', 'ending', 'sorted array']));
    for (const { cells } of rows) {
      expect(cells['losing']).toEqual({ failed: expect.stringContaining('iterates') as string });
      expect(cells['ending']).toEqual({ failed: 'its process ended (7)' });
    }
    if (!id.startsWith('depth')) expect(isMeasured(rows[0]?.cells['simple'])).toBe(true);
  }
  expect((await readdir(report)).sort()).toEqual(['index.html', 'report.json']);
  expect(JSON.parse(await readFile(join(report, 'report.json'), 'utf8'))).toEqual(found);
}, 400_000);

test('peerhold bench ends at once when it is interrupted, with all its processes', async () => {
  const child = spawn(process.execPath, [PROGRAM, 'bench', 'priority'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const workers = async () => {
    const file = `/proc/${child.pid}/task/${child.pid}/children`;
    return (await readFile(file, 'utf8')).split(' ').filter((pid) => pid !== '');
  };
  const started = await eventually(async () => {
    const found = await workers();
    expect(found.length).toBeGreaterThan(3);
    return found;
  });
  child.kill('SIGINT');
  expect(await ended).toEqual([1, null]);
  expect(complaint).toBe('peerhold: ERR_ABORTED: interrupted\n');
  for (const pid of started) expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
}, 60_000);
