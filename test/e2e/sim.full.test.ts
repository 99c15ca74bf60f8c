import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScenario } from '../../src/sim/index.ts';
import { simulated } from '../sim/support/simulated.ts';
import { runProgram } from './support/run-program.ts';

const SCENARIO = `
nodes: 5
seconds: 10
settleSeconds: 15
links: [{ delayMs: 10, jitterMs: 10, loss: 0.05 }]
churn: { write: 60, delete: 10, get: 30, send: 10, kill: 6, crash: 6, restart: 20, cut: 10 }
`;
const FAILING = 'nodes: 2\ntopology: none\nseconds: 3\nsettleSeconds: 1\nevents: [{ at: 1, write: a, on: n1 }]\n';

describe('peerhold sim', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'peerhold-sim-'))));
  afterEach(() => rm(folder, { recursive: true }));

  async function sim(scenario: string, ...words: string[]) {
    const file = join(folder, 'scenario.yaml');
    await writeFile(file, scenario);
    return runProgram(['sim', file, ...words]);
  }

  test('runs a seed in another process, on a busy machine, as it runs here', async () => {
    const busy = spawn(process.execPath, ['--eval', 'for (;;) Math.sqrt(2)'], { stdio: 'ignore' });
    try {
      const here = await runScenario(simulated(SCENARIO, 9));
      const { stdout } = await sim(SCENARIO, '--seed', '9', '--json', '--shrink=false');
      expect(JSON.parse(stdout)).toMatchObject({ seed: 9, hash: here.hash, frames: here.frames });
    } finally {
      busy.kill();
    }
  });

  test('shares seeds out among processes, and ends with 0 where all hold', async () => {
    const { stdout, code } = await sim(
      'nodes: 3\nseconds: 4\nsettleSeconds: 2',
      '--seeds',
      '1..4',
      '--jobs',
      '2',
      '--json',
    );
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seed: number; ok: boolean });
    expect(lines.map(({ seed }) => seed).sort()).toEqual([1, 2, 3, 4]);
    expect(lines.every(({ ok }) => ok)).toBe(true);
    expect(code).toBe(0);
  });

  test('ends with 1 where something does not hold, says how to replay it, and keeps the smallest scenario that fails', async () => {
    const { stdout, code } = await sim(FAILING, '--seed', '2');
    expect(code).toBe(1);
    expect(stdout).toMatch(/seed 2: FAILED .*\n {2}4 s: connected: the network is in 2 parts: n1 \| n2\n/);
    expect(stdout).toContain(`replay: peerhold sim ${join(folder, 'scenario.yaml')} --seed 2`);
    expect(stdout).toContain('smallest that fails: 0 of 1 events');
    const again = await runProgram(['sim', join(folder, 'scenario.seed-2.yaml'), '--seed', '2', '--shrink=false']);
    expect(again.code).toBe(1);
  });

  test('writes the trace as JSON lines', async () => {
    const { code } = await sim('nodes: 2\nseconds: 3\nsettleSeconds: 1', '--trace', join(folder, 'trace.jsonl'));
    expect(code).toBe(0);
    const lines = (await readFile(join(folder, 'trace.jsonl'), 'utf8')).trim().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { event: string });
    expect(events.filter(({ event }) => event === 'up')).toHaveLength(2);
    expect(events.some(({ event }) => event === 'frame')).toBe(true);
  });

  test('keeps the folders on a disk where it is told to, one directory a seed, and never in those of another run', async () => {
    const disk = join(folder, 'folders');
    const scenario = 'nodes: 2\nseconds: 4\nsettleSeconds: 3\nevents: [{ at: 2, write: a, on: n1, bytes: 5 }]';
    const { stdout, code } = await sim(scenario, '--seeds', '1..2', '--disk', disk, '--json');
    expect(code).toBe(0);
    expect(stdout).not.toContain('"hash"');
    expect((await readdir(disk)).sort()).toEqual(['seed-1', 'seed-2']);
    expect(await readFile(join(disk, 'seed-2', 'n1', 'a'))).toHaveLength(5);
    expect(await sim(scenario, '--seed', '2', '--disk', disk)).toMatchObject({ code: 2 });
  });

  test('ends with 2 for a scenario that is none, and for a trace that cannot be written', async () => {
    expect(await sim('nodes: many')).toMatchObject({ code: 2 });
    expect(await sim(FAILING, '--trace', join(folder, 'no', 'trace'))).toMatchObject({ code: 2 });
    expect(await readdir(folder)).toEqual(['scenario.yaml']);
  });
});
