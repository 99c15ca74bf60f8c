import { Inspection, type CaseResult } from '../../src/cli/conform-inspection.ts';
import type { Bench, ListedPlugin } from '../../src/cli/conform-bench.ts';
import { KernelError } from '../../src/kernel/index.ts';
import { VirtualClock } from '../../src/kit/index.ts';
import { whileRunning } from '../support/running-clock.ts';

const never = () => new Promise<never>(() => undefined);

function listed(cases: readonly string[]): ListedPlugin {
  return { kind: 'cipher', name: 'mine', about: 'For a test.', cases, measurable: true };
}

/** An inspection on benches of which each case does what `run` says. */
function inspect(plugin: ListedPlugin, changes: Partial<Bench>) {
  const clock = new VirtualClock();
  const results: CaseResult[] = [];
  const benches = { opened: 0, cleared: 0 };
  const openBench = (): Bench => {
    benches.opened++;
    return {
      list: async () => [plugin],
      run: async () => ({ milliseconds: 1 }),
      measure: async () => ({ perSecond: 10, unit: 'bytes' }),
      clear: () => {
        benches.cleared++;
      },
      ...changes,
    };
  };
  const listener = { begin: () => undefined, result: (result: CaseResult) => void results.push(result) };
  const inspection = new Inspection({ openBench, clock, listener });
  return { clock, results, benches, run: () => whileRunning(clock, () => inspection.run()) };
}

describe('an inspection', () => {
  test('tells of each case as it ends, and measures what has passed them all', async () => {
    const { run, results, benches } = inspect(listed(['one', 'two']), {});
    const [card] = await run();
    expect(card).toMatchObject({ passed: true, throughput: { perSecond: 10 }, cases: results });
    expect(results.map(({ name, passed }) => [name, passed])).toEqual([
      ['one', true],
      ['two', true],
    ]);
    expect(benches).toEqual({ opened: 1, cleared: 1 });
  });

  test('fails a case that does not return, and tries the next on a fresh bench', async () => {
    const bench = { run: async (_: number, index: number) => (index === 0 ? never() : { milliseconds: 1 }) };
    const { run, benches } = inspect(listed(['hangs', 'goes on']), bench);
    const [card] = await run();
    expect(card?.cases).toMatchObject([
      { name: 'hangs', passed: false, reason: 'it did not end within 25.0 s' },
      { name: 'goes on', passed: true },
    ]);
    expect(card).not.toHaveProperty('throughput');
    expect(benches.opened).toBe(2);
  });

  test('is over within two minutes, however many cases do not return', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `case ${index}`);
    const { run, clock } = inspect(listed(names), { run: never });
    const started = clock.now();
    const [card] = await run();
    expect(clock.now() - started).toBeLessThan(120_000);
    expect(card?.cases).toHaveLength(50);
    expect(card?.cases.at(-1)).toMatchObject({ passed: false, reason: expect.stringMatching(/^not tried/) as string });
  });

  test('takes a measurement that does not end for none', async () => {
    const { run } = inspect(listed(['one']), { measure: never });
    const [card] = await run();
    expect(card?.passed).toBe(true);
    expect(card).not.toHaveProperty('throughput');
  });

  test('passes on what is wrong with the file, and says so where it does not load in time', async () => {
    const wrong = new KernelError('ERR_PLUGIN', 'no plugin in it');
    await expect(inspect(listed([]), { list: () => Promise.reject(wrong) }).run()).rejects.toBe(wrong);
    await expect(inspect(listed([]), { list: never }).run()).rejects.toMatchObject({
      code: 'ERR_PLUGIN',
      message: expect.stringContaining('did not end within 20.0 s') as string,
    });
  });
});
