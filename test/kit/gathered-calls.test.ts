import { GatheredCalls } from '../../src/kit/gathered-calls.ts';
import { deferred } from '../../src/kit/deferred.ts';

/** Doubles numbers; batches are held back until `release`. */
function createDoubling(most = 10) {
  const batches: (readonly number[])[] = [];
  const holds: (() => void)[] = [];
  const calls = new GatheredCalls<number, number>(async (batch) => {
    batches.push(batch);
    const held = deferred<undefined>();
    holds.push(() => held.resolve(undefined));
    await held.promise;
    return batch.map((each) => (each < 0 ? new Error(`not ${each}`) : each * 2));
  }, most);
  const release = async () => {
    holds.shift()?.();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  const begin = async (...numbers: number[]) => {
    const results = numbers.map((each) => calls.call(each).catch((error: unknown) => (error as Error).message));
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    return results;
  };
  return { batches, begin, release };
}

describe('GatheredCalls', () => {
  test('makes the calls of one turn together, and answers each', async () => {
    const { batches, begin, release } = createDoubling();
    const results = await begin(1, 2, 3);
    await release();
    expect(await Promise.all(results)).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('gathers what is called for while a batch is under way', async () => {
    const { batches, begin, release } = createDoubling();
    const results = [...(await begin(1)), ...(await begin(2)), ...(await begin(3))];
    await release();
    await release();
    expect(await Promise.all(results)).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  test('makes no batch longer than it may be', async () => {
    const { batches, begin, release } = createDoubling(2);
    const results = await begin(1, 2, 3);
    await release();
    await release();
    expect(await Promise.all(results)).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2], [3]]);
  });

  test('fails the one call that failed, and goes on', async () => {
    const { begin, release } = createDoubling();
    const results = await begin(1, -1, 2);
    await release();
    expect(await Promise.all(results)).toEqual([2, 'not -1', 4]);
    const [later] = await begin(5);
    await release();
    expect(await later).toBe(10);
  });

  test('fails all calls of a batch that failed as a whole', async () => {
    const calls = new GatheredCalls<number, number>(() => Promise.reject(new Error('broken')), 10);
    const results = await Promise.allSettled([calls.call(1), calls.call(2)]);
    expect(results).toEqual([1, 2].map(() => ({ status: 'rejected', reason: new Error('broken') })));
  });
});
