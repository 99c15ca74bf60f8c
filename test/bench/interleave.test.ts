import { interleave, shuffled, timeShort, type InterleaveOptions } from '../../src/bench/interleave.ts';
import type { Clock } from '../../src/kernel/index.ts';
import { VirtualClock, seededRandom } from '../../src/kit/index.ts';

const clock = new VirtualClock();

function options<T>(changes: Partial<InterleaveOptions<T>> & Pick<InterleaveOptions<T>, 'subjects'>) {
  const { signal } = new AbortController();
  return { warmUps: 0, rounds: 3, clock, random: seededRandom(1), signal, ...changes };
}

/** A subject that notes when it is sampled. */
const noting = (name: string, notes: string[]) => ({ name, sample: () => notes.push(name) });

describe('interleave', () => {
  test('takes one sample of each subject in every round', async () => {
    const notes: string[] = [];
    await interleave(options({ subjects: ['a', 'b', 'c'].map((name) => noting(name, notes)), rounds: 4 }));
    for (let round = 0; round < 4; round++)
      expect(notes.slice(3 * round, 3 * round + 3).sort()).toEqual(['a', 'b', 'c']);
  });

  test('shuffles each round anew, the same way for the same seed', async () => {
    const run = async (seed: number) => {
      const notes: string[] = [];
      const subjects = ['a', 'b', 'c'].map((name) => noting(name, notes));
      await interleave(options({ subjects, rounds: 20, random: seededRandom(seed) }));
      return notes.join('');
    };
    const order = await run(5);
    expect(new Set(order.match(/.../g)).size).toBeGreaterThan(3);
    expect(await run(5)).toBe(order);
    expect(await run(6)).not.toBe(order);
  });

  test('throws the samples of warm-up rounds away', async () => {
    let value = 0;
    const outcomes = await interleave(options({ subjects: [{ name: 'a', sample: () => value++ }], warmUps: 2 }));
    expect(outcomes.get('a')).toEqual({ samples: [2, 3, 4] });
  });

  test('ends a subject that fails, with the reason, and goes on with the others', async () => {
    const failing = {
      name: 'bad',
      sample: () => {
        throw new Error('it is wrong');
      },
    };
    const outcomes = await interleave<number>(
      options<number>({ subjects: [failing, { name: 'good', sample: () => 1 }] }),
    );
    expect(outcomes.get('bad')).toEqual({ failed: 'it is wrong' });
    expect(outcomes.get('good')).toEqual({ samples: [1, 1, 1] });
  });

  test('begins no further round when the time is over, but as many as are asked for at least', async () => {
    const slow = new VirtualClock();
    const sample = () => slow.advance(100);
    const subjects = [{ name: 'a', sample }];
    const run = async (leastRounds: number) =>
      (await interleave(options<unknown>({ subjects, rounds: 50, budgetMs: 250, leastRounds, clock: slow }))).get('a');
    expect(await run(1)).toMatchObject({ samples: { length: 3 } });
    expect(await run(8)).toMatchObject({ samples: { length: 8 } });
  });

  test('samples a subject that has used up its own time no more', async () => {
    const slow = new VirtualClock();
    const subjects = [
      { name: 'slow', sample: () => slow.advance(100) },
      { name: 'fast', sample: () => slow.advance(1) },
    ];
    const outcomes = await interleave(options<unknown>({ subjects, rounds: 5, subjectBudgetMs: 150, clock: slow }));
    expect(outcomes.get('slow')).toMatchObject({ samples: { length: 2 } });
    expect(outcomes.get('fast')).toMatchObject({ samples: { length: 5 } });
  });

  test('ends with the reason of the signal', async () => {
    const controller = new AbortController();
    const sample = () => controller.abort(new Error('enough'));
    const running = interleave(options({ subjects: [{ name: 'a', sample }], signal: controller.signal }));
    await expect(running).rejects.toThrow('enough');
  });

  test('tells before each sample how far it is', async () => {
    const steps: string[] = [];
    const progress = ({ name, done, of }: { name: string; done: number; of: number }) =>
      void steps.push(`${name} ${done}/${of}`);
    await interleave(options({ subjects: [{ name: 'a', sample: () => 1 }], rounds: 2, warmUps: 1, progress }));
    expect(steps).toEqual(['a 0/3', 'a 1/3', 'a 2/3']);
  });
});

test('shuffled keeps what is there and leaves the list as it was', () => {
  const list = [1, 2, 3, 4, 5, 6, 7, 8];
  const result = shuffled(list, seededRandom(3));
  expect(result).not.toEqual(list);
  expect(result.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

describe('timeShort', () => {
  test('repeats the work until it lasts long enough, and keeps the number', () => {
    let now = 0;
    const counts: number[] = [];
    const work = (times: number) => {
      counts.push(times);
      now += times * 0.5;
    };
    const sample = timeShort(work, { now: () => now } as Clock, 20);
    expect(sample()).toBeCloseTo(0.0005);
    const settled = counts.at(-1)!;
    expect(settled * 0.5).toBeGreaterThanOrEqual(20);
    expect(sample()).toBeCloseTo(0.0005);
    expect(counts.at(-1)).toBe(settled);
  });
});
