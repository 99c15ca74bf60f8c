import { runScenario, shrinkRun } from '../../src/sim/index.ts';
import { simulated } from './support/simulated.ts';

const BUSY = `
nodes: 6
seconds: 12
settleSeconds: 20
links: [{ delayMs: 10, jitterMs: 10, loss: 0.05, reorder: 0.1, duplicate: 0.1, bytesPerSecond: 1000000 }]
churn: { write: 60, delete: 10, get: 30, send: 10, join: 5, leave: 5, kill: 5, crash: 5, restart: 20, cut: 10, partition: 3, add: 10 }
`;

describe('a run', () => {
  test('of the same seed is the same run, and of another seed another', async () => {
    const first = await runScenario(simulated(BUSY, 3));
    const second = await runScenario(simulated(BUSY, 3));
    const other = await runScenario(simulated(BUSY, 4));
    expect(second).toEqual(first);
    expect(other.hash).not.toBe(first.hash);
  });

  test('is the same whether somebody reads its trace or not', async () => {
    const lines: string[] = [];
    const read = await runScenario({ ...simulated(BUSY, 5), onLine: (line) => lines.push(line) });
    expect((await runScenario(simulated(BUSY, 5))).hash).toBe(read.hash);
    expect(lines.length).toBeGreaterThan(read.frames);
    expect(lines.every((line) => typeof (JSON.parse(line) as { at: unknown }).at === 'number')).toBe(true);
  });

  test('joins nodes, and has them agree on files', async () => {
    const text =
      'nodes: 4\nseconds: 10\nsettleSeconds: 5\nevents: [{ at: 2, write: a, on: n1 }, { at: 6, get: a, on: n3 }]';
    const result = await runScenario(simulated(text));
    expect(result).toMatchObject({ problems: [], virtualSeconds: 15 });
  });

  test('is over sooner where what must hold at the end has held long enough, and where it does not hold is not', async () => {
    const run = (topology: string) =>
      runScenario(simulated(`nodes: 3\ntopology: ${topology}\nseconds: 10\nsettleSeconds: 40\nsteadySeconds: 10`));
    expect(await run('line')).toMatchObject({ problems: [], virtualSeconds: 25 });
    const apart = await run('none');
    expect(apart.virtualSeconds).toBe(50);
    expect(apart.problems).not.toEqual([]);
  });

  test('has a partition hold for nodes too that join while it lasts', async () => {
    const lines: string[] = [];
    const text = `
      { nodes: 2, topology: line, seconds: 30, settleSeconds: 10, expect: { end: [connected] },
        events: [{ at: 5, partition: [[n1]], seconds: 15 }, { at: 8, join: n3, to: n1 }] }`;
    const { problems } = await runScenario({ ...simulated(text), onLine: (line) => lines.push(line) });
    const frames = lines
      .map((line) => JSON.parse(line) as { at: number; event: string; from: string; to: string })
      .filter(({ event, from, to }) => event === 'frame' && [from, to].sort().join() === '10.0.0.1:4700,10.0.0.3:4700');
    expect(problems).toEqual([]);
    expect(frames[0]?.at).toBeGreaterThan(20_000);
  });

  test('tells a node that reached nobody of those it does not know: who came to it may be as much apart', async () => {
    const text = `
      { nodes: 3, topology: [[n2, n1], [n3, n2]], seconds: 30, settleSeconds: 5, expect: { end: [connected] },
        events: [{ at: 0, cut: [n1, n2], seconds: 30 }] }`;
    for (let seed = 1; seed <= 4; seed++) {
      const { problems } = await runScenario({ ...simulated(text), seed });
      expect(problems).toEqual([]);
    }
  });

  test('finds out that nodes nobody introduced are apart', async () => {
    const { problems } = await runScenario(simulated('nodes: 2\ntopology: none\nseconds: 1\nsettleSeconds: 1'));
    expect(problems.map(({ expectation }) => expectation)).toContain('connected');
  });

  test('that fails shrinks to the events it takes', async () => {
    const text = `
      nodes: 3
      seconds: 20
      settleSeconds: 1
      expect: { end: [views equal] }
      events:
        - { at: 2, write: a, on: n1 }
        - { at: 5, get: a, on: n2 }
        - { at: 6, cut: [n1, n2], seconds: 1 }
        - { at: 15, write: b, on: n3 }
        - { at: 19.5, crash: n3 }`;
    const options = simulated(text);
    const smallest = await shrinkRun(await runScenario(options), options);
    expect(smallest.timeline).toEqual([{ verb: 'crash', at: 19.5, crash: 'n3' }]);
  });
});
