import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScenario } from '../../src/sim/index.ts';
import { simulated } from './support/simulated.ts';

describe('a run whose folders are on a disk', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'peerhold-sim-'))));
  afterEach(() => rm(directory, { recursive: true }));

  test('holds, and leaves there what the nodes were given and fetched', async () => {
    const text = `
      nodes: 3
      seconds: 20
      settleSeconds: 10
      links: [{ delayMs: 10 }]
      events:
        - { at: 2, write: sub/a, on: n1, bytes: 3000 }
        - { at: 2, write: b, on: n2, bytes: 10 }
        - { at: 6, get: sub/a, on: n3 }
        - { at: 7, crash: n2 }
        - { at: 8, delete: sub/a, on: n1 }
        - { at: 9, restart: n2 }
        - { at: 19, write: b, on: n2, bytes: 20 }`;
    const { problems } = await runScenario({ ...simulated(text), directory });
    expect(problems).toEqual([]);
    expect((await readdir(directory)).sort()).toEqual(['n1', 'n2', 'n3']);
    expect(await readFile(join(directory, 'n3', 'sub', 'a'))).toHaveLength(3_000);
    expect(await readFile(join(directory, 'n2', 'b'))).toHaveLength(20);
    expect(await readdir(join(directory, 'n1', 'sub'))).toEqual([]);
  });

  test('finds the same faults', async () => {
    const text = 'nodes: 2\ntopology: none\nseconds: 1\nsettleSeconds: 1';
    const { problems } = await runScenario({ ...simulated(text), directory });
    expect(problems.map(({ expectation }) => expectation)).toContain('connected');
  });
});
