import type { Stage } from '../../../src/bench/priority/plan.ts';
import { priority, runPriority } from '../../../src/bench/priority/index.ts';
import { stagesOf } from '../../../src/bench/priority/plan.ts';
import { SORTED_BTREE } from '../../../src/bench/priority/subjects.ts';
import { INPUT_ORDERS } from '../../../src/bench/priority/workload.ts';
import { isMeasured } from '../../../src/bench/report.ts';
import { z } from 'zod';
import { definePlugin, type AnyPluginDefinition, type NeighbourPriority } from '../../../src/kernel/index.ts';
import { SortedArray } from '../../../src/bench/priority/sorted-array.ts';
import { benchContext } from '../support/bench-context.ts';
import { WRONG_SETS } from './wrong-sets.ts';

/** Stages so small that they take no time worth speaking of. */
const STAGES: readonly Stage[] = [20, 40].flatMap((size) =>
  INPUT_ORDERS.map((order) => ({
    size,
    order,
    budgetMs: 1,
    leastRounds: 1,
    mostRounds: 1,
    warmUps: 0,
    entriesInSample: 1,
  })),
);

const options = z.strictObject({ size: z.int().default(1) });
const plugin = (name: string, create: () => NeighbourPriority, more: object = {}) =>
  definePlugin({ name, kind: 'neighbourPriority', about: 'A test.', options, create, ...more })
    .definition as unknown as AnyPluginDefinition;
const run = (plugins: readonly AnyPluginDefinition[]) => runPriority(benchContext(priority, { plugins }), STAGES);

describe('bench priority', () => {
  test('compares each variant of each plugin, and the references', async () => {
    const variants = [
      { name: 'small', options: { size: 1 } },
      { name: 'large', options: { size: 9 } },
    ];
    const plugins = [plugin('one', () => new SortedArray(), { variants }), plugin('two', () => new SortedArray())];
    const { sections } = await run(plugins);
    for (const { subjects } of sections)
      expect(subjects).toEqual(['one, small', 'one, large', 'two', SORTED_BTREE, 'sorted array']);
  });

  test('has a section for each quantity and order, with a value in every cell that can have one', async () => {
    const { sections } = await run([plugin('one', () => new SortedArray(), { inspect: () => ({ depth: 3 }) })]);
    const groups = [...new Set(sections.map(({ group }) => group))];
    expect(groups).toEqual([
      'Insert all',
      'Best 16',
      'Iterate all',
      'Re-score one',
      'Heartbeat of a live node',
      'Remove all',
      'Memory',
      'Depth',
    ]);
    expect(sections).toHaveLength(groups.length * INPUT_ORDERS.length);
    expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
    for (const { group, rows } of sections) {
      expect(rows.map(({ label }) => label)).toEqual(['20', '40']);
      if (group === 'Memory' || group === 'Depth') continue;
      for (const { cells } of rows) for (const cell of Object.values(cells)) expect(isMeasured(cell)).toBe(true);
    }
    expect(sections.find(({ id }) => id === 'depth-random')?.rows[0]?.cells['one']).toMatchObject({ median: 3 });
  });

  test('shows a plugin with wrong answers as failed everywhere, and measures the others', async () => {
    const wrong = plugin('wrong', () => WRONG_SETS['forgets to count']!());
    const { sections } = await run([wrong, plugin('right', () => new SortedArray())]);
    for (const { cells } of sections.flatMap(({ rows }) => rows))
      expect(cells['wrong']).toEqual({ failed: expect.stringContaining('says it holds 0 entries') as string });
    expect(isMeasured(sections[0]?.rows[0]?.cells['right'])).toBe(true);
  });

  test('ends when it is given up', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const running = runPriority(benchContext(priority, { signal: controller.signal }), STAGES);
    await expect(running).rejects.toThrow('enough');
  });

  test('tells how far it is, up to the end', async () => {
    const fractions: number[] = [];
    const progress = ({ fraction }: { fraction: number }) => void fractions.push(fraction);
    await runPriority(benchContext(priority, { progress, plugins: [] }), STAGES);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBeGreaterThan(0.8);
    expect(fractions.at(-1)).toBeLessThanOrEqual(1);
  });

  test('plans less than five minutes, and in a quick run less than one', () => {
    const seconds = (quick: boolean) => stagesOf(quick).reduce((sum, { budgetMs }) => sum + budgetMs / 1_000, 0);
    expect(seconds(false)).toBeLessThan(250);
    expect(seconds(true)).toBeLessThan(45);
  });
});
