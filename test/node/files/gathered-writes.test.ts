import { deferred, type Deferred } from '../../../src/kit/deferred.ts';
import { GatheredWrites } from '../../../src/node/files/gathered-writes.ts';

const KIB = 1_024;

interface Call {
  readonly position: number;
  readonly lengths: readonly number[];
  readonly done: Deferred<undefined>;
}

/** A file whose writes end when the test says so. */
function slowFile() {
  const calls: Call[] = [];
  const write = (position: number, parts: readonly Uint8Array[]): Promise<void> => {
    const done = deferred<undefined>();
    calls.push({ position, lengths: parts.map(({ length }) => length), done });
    return done.promise;
  };
  const next = async () => {
    calls.at(-1)?.done.resolve(undefined);
    await new Promise(setImmediate);
  };
  return { calls, next, writes: new GatheredWrites({ write }) };
}

const shown = (calls: readonly Call[]) => calls.map(({ position, lengths }) => ({ position, lengths }));

describe('GatheredWrites', () => {
  test('writes what comes first at once, and what follows each other meanwhile in one call', async () => {
    const { calls, next, writes } = slowFile();
    const all = Promise.all([0, 10, 20, 30].map((position) => writes.write(position, new Uint8Array(10))));
    expect(shown(calls)).toEqual([{ position: 0, lengths: [10] }]);
    await next();
    await next();
    await all;
    expect(shown(calls)).toEqual([
      { position: 0, lengths: [10] },
      { position: 10, lengths: [10, 10, 10] },
    ]);
  });

  test('gathers ranges in whatever order they came, and leaves apart what does not follow', async () => {
    const { calls, next, writes } = slowFile();
    const all = Promise.all([90, 20, 50, 40, 30].map((position) => writes.write(position, new Uint8Array(10))));
    await next();
    await next();
    await all;
    expect(shown(calls)).toEqual([
      { position: 90, lengths: [10] },
      { position: 20, lengths: [10, 10, 10, 10] },
    ]);
  });

  test('writes no more than a MiB of several at once, and longer ones by themselves', async () => {
    const { calls, next, writes } = slowFile();
    const lengths = [1, 600 * KIB, 424 * KIB, KIB, 3_000 * KIB, 5];
    let position = 0;
    const all = Promise.all(
      lengths.map((length) => writes.write((position += length) - length, new Uint8Array(length))),
    );
    for (let call = 0; call < 5; call++) await next();
    await all;
    expect(calls.map((call) => call.lengths)).toEqual([[1], [600 * KIB, 424 * KIB], [KIB], [3_000 * KIB], [5]]);
  });

  test('fails all of one call with what it failed with, and goes on with the others', async () => {
    const { calls, next, writes } = slowFile();
    const ends = [0, 10, 20, 70].map((position) => writes.write(position, new Uint8Array(10)));
    const settled = Promise.allSettled(ends);
    await next();
    calls.at(-1)?.done.reject(new Error('no space'));
    await new Promise(setImmediate);
    await next();
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(calls).toHaveLength(3);
  });

  test('is settled when nothing waits any more, whatever became of it', async () => {
    const { calls, next, writes } = slowFile();
    await writes.settled();
    const first = writes.write(0, new Uint8Array(10));
    const second = writes.write(70, new Uint8Array(10)).catch((error: unknown) => String(error));
    let isSettled = false;
    const settled = writes.settled().then(() => (isSettled = true));
    await next();
    await first;
    expect(isSettled).toBe(false);
    calls.at(-1)?.done.reject(new Error('gone'));
    await settled;
    expect(await second).toBe('Error: gone');
  });
});
