import { deferred, type Deferred } from '../../../src/kit/deferred.ts';
import { DirectorySyncs } from '../../../src/kit/world/directory-syncs.ts';

/** Syncs that end when they are told to. */
function heldSyncs() {
  const begun: { readonly path: string; readonly end: Deferred<undefined> }[] = [];
  const syncs = new DirectorySyncs(async (path) => {
    const end = deferred<undefined>();
    begun.push({ path, end });
    await end.promise;
  });
  return { syncs, begun };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('syncs of a directory', () => {
  test('are shared by those who come while one is under way, and begin after they came', async () => {
    const { syncs, begun } = heldSyncs();
    const ended: string[] = [];
    void syncs.sync('a').then(() => ended.push('first'));
    void syncs.sync('a').then(() => ended.push('second'));
    void syncs.sync('a').then(() => ended.push('third'));
    expect(begun).toHaveLength(1);
    begun[0]?.end.resolve(undefined);
    await settle();
    expect([ended, begun.length]).toEqual([['first'], 2]);
    begun[1]?.end.resolve(undefined);
    await settle();
    expect([ended, begun.length]).toEqual([['first', 'second', 'third'], 2]);
  });

  test('begin anew for whoever comes during the second', async () => {
    const { syncs, begun } = heldSyncs();
    void syncs.sync('a');
    void syncs.sync('a');
    begun[0]?.end.resolve(undefined);
    await settle();
    void syncs.sync('a');
    expect(begun).toHaveLength(2);
    begun[1]?.end.resolve(undefined);
    await settle();
    expect(begun).toHaveLength(3);
  });

  test('of different directories go on at once', () => {
    const { syncs, begun } = heldSyncs();
    void syncs.sync('a');
    void syncs.sync('b');
    expect(begun.map(({ path }) => path)).toEqual(['a', 'b']);
  });

  test('that fail fail for those who shared them, and no longer', async () => {
    const { syncs, begun } = heldSyncs();
    const outcomes: string[] = [];
    const note = (name: string, sync: Promise<void>) => {
      sync.then(
        () => outcomes.push(`${name} done`),
        () => outcomes.push(`${name} failed`),
      );
    };
    note('first', syncs.sync('a'));
    note('second', syncs.sync('a'));
    begun[0]?.end.reject(new Error('no'));
    await settle();
    begun[1]?.end.resolve(undefined);
    await settle();
    note('third', syncs.sync('a'));
    begun[2]?.end.resolve(undefined);
    await settle();
    expect(outcomes).toEqual(['first failed', 'second done', 'third done']);
  });
});
