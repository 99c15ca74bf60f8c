import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMeasured, type BenchReport } from '../../src/bench/report.ts';
import { ROOT } from '../support/source-files.ts';

const MAIN = join(ROOT, 'dist', 'src', 'cli', 'main.js');

let directory: string;
let config: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'peerhold-benches-'));
  config = join(directory, 'few.ts');
  // Two transports, one of which cannot leave its process, and one cipher: enough to see every part of a bench at work.
  await writeFile(
    config,
    `import shipped from 'peerhold/config';
     const kept = ['tcp', 'memory', 'aes-gcm'];
     const profiles = { default: shipped.profiles.default, lan: shipped.profiles.lan };
     export default { ...shipped, plugins: shipped.plugins.filter((each) => kept.includes(each.definition.name)), profiles };`,
  );
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Starts a bench in a process group of its own, so that what it leaves behind can be found. */
function start(...words: string[]) {
  const child = spawn(process.execPath, [MAIN, 'bench', ...words], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number, out, errors })) };
}

const isGroupGone = (pid: number) => {
  try {
    process.kill(-pid, 0);
    return false;
  } catch {
    return true;
  }
};

/** Every subject of every row has a value. */
function expectAllMeasured({ sections }: BenchReport): void {
  const missing = sections.flatMap(({ id, rows }) =>
    rows.flatMap(({ label, cells }) =>
      Object.entries(cells).flatMap(([subject, cell]) =>
        isMeasured(cell) ? [] : [`${id} ${label} ${subject}: ${JSON.stringify(cell)}`],
      ),
    ),
  );
  expect(missing).toEqual([]);
}

async function report(...words: string[]): Promise<BenchReport> {
  const { child, ended } = start(...words, '--quick', '--json', '--config', config);
  const { code, out, errors } = await ended;
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(isGroupGone(child.pid ?? 0)).toBe(true);
  return JSON.parse(out) as BenchReport;
}

test('bench transport measures what two processes can use, and says what it leaves out and why', async () => {
  const found = await report('transport');
  expectAllMeasured(found);
  expect(found.sections[0]?.subjects).toEqual(['plain TCP', 'tcp']);
  expect(found.sections.find(({ id }) => id === 'set-up')?.rows.map(({ label }) => label)).toEqual(['bare', 'aes-gcm']);
  expect(found.notes).toContainEqual(expect.stringContaining('Left out is memory'));
}, 120_000);

test('bench cipher measures every cipher of the config', async () => {
  const found = await report('cipher');
  expectAllMeasured(found);
  expect(found.sections[0]?.subjects).toEqual(['aes-gcm']);
}, 120_000);

test('bench footprint measures every profile with 0, 4 and 64 connections', async () => {
  const found = await report('footprint');
  expectAllMeasured(found);
  const memory = found.sections.find(({ id }) => id === 'memory');
  expect(memory?.subjects).toEqual(['Node.js alone', 'default', 'lan']);
  expect(memory?.rows.map(({ label }) => label)).toEqual(['0', '4', '64']);
}, 180_000);

test('bench transfer measures both profiles of the config, and says why it leaves out what it cannot', async () => {
  const found = await report('transfer');
  expectAllMeasured(found);
  const large = found.sections.find(({ id }) => id === 'large-limit');
  expect(large?.subjects).toEqual(['limit program', 'lan', 'default']);
  expect(found.notes).toContainEqual(expect.stringContaining('Left out is lan without cipher'));
  const change = found.sections.find(({ id }) => id === 'change');
  const fetched = change?.rows[0]?.cells['lan'];
  expect(isMeasured(fetched) && fetched.ratio).toBeLessThan(2);
}, 180_000);

test.each(['transport', 'cipher', 'footprint', 'transfer'])(
  'bench %s that is interrupted leaves no process behind',
  async (name) => {
    const { child, ended } = start(name, '--config', config);
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    child.kill('SIGINT');
    const { code, errors } = await ended;
    expect(code).toBe(1);
    expect(errors).toContain('ERR_ABORTED');
    expect(isGroupGone(child.pid ?? 0)).toBe(true);
  },
  60_000,
);
