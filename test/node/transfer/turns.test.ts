import { deferred } from '../../../src/kit/deferred.ts';
import { Turns } from '../../../src/node/transfer/turns.ts';

/** Work that waits to be ended, by number, and who of it began. */
function createWork(atOnce: number, count: number) {
  const turns = new Turns(atOnce);
  const begun: number[] = [];
  const endings = Array.from({ length: count }, () => deferred<number>());
  const outcomes = endings.map(({ promise }, index) =>
    turns.run(() => {
      begun.push(index);
      return promise;
    }),
  );
  return { turns, begun, endings, outcomes };
}

describe('turns', () => {
  test('are given to so many at once, and to the rest in their order as others end', async () => {
    const { begun, endings, outcomes } = createWork(2, 4);
    expect(begun).toEqual([0, 1]);
    endings[1]!.resolve(1);
    expect(await outcomes[1]).toBe(1);
    expect(begun).toEqual([0, 1, 2]);
    endings[2]!.resolve(2);
    await outcomes[2];
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  test('are given on by work that fails', async () => {
    const { begun, endings, outcomes, turns } = createWork(1, 2);
    const failing = turns.run(() => Promise.reject(new Error('no')));
    const last = turns.run(async () => 'last');
    endings[0]!.reject(new Error('failed'));
    await expect(outcomes[0]).rejects.toThrow('failed');
    expect(begun).toEqual([0, 1]);
    endings[1]!.resolve(1);
    await expect(failing).rejects.toThrow('no');
    expect(await last).toBe('last');
    expect(await turns.run(async () => 'anew')).toBe('anew');
  });
});
