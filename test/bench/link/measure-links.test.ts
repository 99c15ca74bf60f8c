import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownCongestion, SYSTEM_TCP } from '../../../src/bench/link/contenders.ts';
import { link } from '../../../src/bench/link/index.ts';
import { alone, LinkMeter, pairs } from '../../../src/bench/link/measure-links.ts';
import { QUICK_PLAN, type LinkPlan } from '../../../src/bench/link/plan.ts';
import { StagedProgress } from '../../../src/bench/staged-progress.ts';
import { benchContext } from '../support/bench-context.ts';
import { localEmulator } from './support/fake-emulator.ts';

const context = benchContext(link);
const own = ownCongestion(context);
const plan: LinkPlan = { ...QUICK_PLAN, warmSeconds: 0.02 };
const watch = { rounds: 1, skipSeconds: 0.02, seconds: 0.1 };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'peerhold-link-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const meter = async () => {
  const progress = new StagedProgress(() => undefined, []);
  return new LinkMeter({ context, file: await localEmulator(directory), plan, progress });
};

test('a flow is measured where the bytes arrive, with what the emulator says of itself', async () => {
  const { outcomes } = await (await meter()).measure(plan.shared, alone(own.slice(0, 1)), watch);
  expect(outcomes.get('mrt-udp, bbr')).toEqual({
    samples: [{ rates: [expect.any(Number)], honesty: { delivered: 1_000, unread: 0, late: 3, latestMs: 2.5 } }],
  });
});

test('two flows share a link, each with its own figure', async () => {
  const [group] = pairs(own, { most: { pairs: 2 } }).slice(1);
  const { outcomes } = await (await meter()).measure(plan.shared, [group!], watch);
  const outcome = outcomes.get('mrt-udp, bbr beside mrt-udp, bbr');
  expect(outcome).toMatchObject({ samples: [{ rates: [expect.any(Number), expect.any(Number)] }] });
});

test('TCP whose congestion control cannot be chosen fails, and nothing of this machine is changed for it', async () => {
  const { outcomes } = await (await meter()).measure(plan.shared, alone(SYSTEM_TCP.slice(0, 1)), watch);
  expect(outcomes.get('plain TCP, bbr')).toEqual({
    failed: expect.stringContaining('only within a namespace') as string,
  });
});

test('each transport is put beside itself and both TCPs, after TCP beside TCP', () => {
  expect(pairs(own, { most: { pairs: Infinity } }).map(({ name }) => name)).toEqual([
    'plain TCP, bbr beside plain TCP, cubic',
    'mrt-udp, bbr beside mrt-udp, bbr',
    'mrt-udp, bbr beside plain TCP, bbr',
    'mrt-udp, bbr beside plain TCP, cubic',
    'mrt-udp, cubic beside mrt-udp, cubic',
    'mrt-udp, cubic beside plain TCP, bbr',
    'mrt-udp, cubic beside plain TCP, cubic',
  ]);
});
