import { runScenario, shrinkRun, type RunResult } from '../../src/sim/index.ts';
import { simulated } from './support/simulated.ts';
import { withFaultOfOrder } from './support/planted-fault.ts';

const SEEDS = 1_000;
const SCENARIO = `
nodes: 6
topology: random
seconds: 40
settleSeconds: 30
links: [{ delayMs: 20, jitterMs: 10, loss: 0.01 }]
churn: { write: 20, delete: 4, get: 8, kill: 2, restart: 4, cut: 4, partition: 1.5, cutSeconds: [5, 25] }
expect:
  end: [connected, views equal]
  always: [no errors, no false LEFT]
`;

/** The first run that fails with the fault, and holds without it. */
async function findFault(): Promise<RunResult | undefined> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const faulty = await withFaultOfOrder(() => runScenario(simulated(SCENARIO, seed)));
    if (faulty.problems.length === 0) continue;
    const shipped = await runScenario(simulated(SCENARIO, seed));
    if (shipped.problems.length === 0) return faulty;
  }
  return undefined;
}

test('a fault of order that is planted in the healing is found within 1,000 seeds, and shrunk to eight events at most', async () => {
  const found = await findFault();
  if (found === undefined) throw new Error(`not found within ${SEEDS} seeds`);
  const smallest = await withFaultOfOrder(() => shrinkRun(found, simulated(SCENARIO, found.seed)));
  expect(smallest.timeline.length).toBeLessThanOrEqual(8);
  expect(smallest.timeline.length).toBeGreaterThan(0);

  const again = { ...simulated(SCENARIO, found.seed), timeline: smallest.timeline };
  expect(await withFaultOfOrder(() => runScenario(again))).toEqual(smallest);
  expect((await runScenario(again)).problems).toEqual([]);
}, 600_000);
