import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownCongestion } from '../../../src/bench/link/contenders.ts';
import { link } from '../../../src/bench/link/index.ts';
import { linkSections } from '../../../src/bench/link/link-sections.ts';
import { alone, LinkMeter, pairs } from '../../../src/bench/link/measure-links.ts';
import { QUICK_PLAN } from '../../../src/bench/link/plan.ts';
import { isMeasured, type BenchReport, type Section } from '../../../src/bench/report.ts';
import { StagedProgress } from '../../../src/bench/staged-progress.ts';
import { ROOT } from '../../support/source-files.ts';
import { benchContext } from '../support/bench-context.ts';
import { localEmulator, pairEmulator } from './support/fake-emulator.ts';

/** Whether this is root, where namespaces can be made and joined. */
function canJoinNamespaces(): boolean {
  const name = `peerhold-try-${process.pid}`;
  const ip = (...words: string[]) => execFileSync('ip', words, { stdio: 'ignore' });
  try {
    ip('netns', 'add', name);
  } catch {
    return false;
  }
  try {
    ip('-n', name, 'link', 'add', 'a', 'type', 'veth', 'peer', 'name', 'b');
    return true;
  } catch {
    return false;
  } finally {
    ip('netns', 'del', name);
  }
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'peerhold-link-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const unmeasured = (sections: readonly Section[]) =>
  sections.flatMap(({ id, rows }) =>
    rows.flatMap(({ label, cells }) =>
      Object.entries(cells).flatMap(([subject, cell]) =>
        isMeasured(cell) ? [] : [`${id} ${label} ${subject}: ${JSON.stringify(cell)}`],
      ),
    ),
  );

/** The whole command, with processes in namespaces and TCP under both congestion controls. */
async function commandOverNamespaces(): Promise<void> {
  const words = ['bench', 'link', '--quick', '--json', '--emulator', await pairEmulator(directory)];
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'cli', 'main.js'), ...words]);
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  const report = JSON.parse(out) as BenchReport;
  expect(report.command).toBe('peerhold bench link --quick --emulator FILE');
  expect(unmeasured(report.sections)).toEqual([]);
  expect(report.sections[0]?.subjects).toEqual(expect.arrayContaining(['plain TCP, cubic', 'mrt-udp, bbr']));
}

/** The part of it that needs nothing: an emulator that names this machine as both ends. */
async function metersOnThisMachine(): Promise<void> {
  const context = benchContext(link);
  const plan = { ...QUICK_PLAN, warmSeconds: 0.1 };
  const progress = new StagedProgress(() => undefined, []);
  const meter = new LinkMeter({ context, file: await localEmulator(directory), plan, progress });
  const own = ownCongestion(context);
  const watch = { rounds: 2, skipSeconds: 0.1, seconds: 0.5 };
  const figures = {
    alone: [await meter.measure(plan.shared, alone(own), watch)],
    together: await meter.measure(plan.shared, pairs(own, { most: { pairs: 2 } }).slice(1), watch),
  };
  expect(unmeasured(linkSections(figures))).toEqual([]);
}

test(
  'transports and TCP are measured over links that an emulator makes',
  canJoinNamespaces() ? commandOverNamespaces : metersOnThisMachine,
  300_000,
);

test('without an emulator the loopback alone is measured, and the report says so', async () => {
  const child = spawn(process.execPath, [
    join(ROOT, 'dist', 'src', 'cli', 'main.js'),
    'bench',
    'link',
    '--quick',
    '--json',
  ]);
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
  const report = JSON.parse(out) as BenchReport;
  expect(report.notes).toContainEqual(expect.stringContaining('Links were not measured'));
  expect(report.sections.map(({ id }) => id)).toEqual([
    'loopback-transfer',
    'loopback-round-trips',
    'idle-cpu',
    'idle-memory',
  ]);
  expect(unmeasured(report.sections)).toEqual([]);
}, 180_000);

test('an emulator that is not there ends the command with its code, and says what is needed', async () => {
  const words = ['bench', 'link', '--quick', '--emulator', join(directory, 'none')];
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'cli', 'main.js'), ...words]);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(1);
  expect(errors).toMatch(/^peerhold: ERR_EMULATOR: .*network namespaces/);
}, 30_000);
