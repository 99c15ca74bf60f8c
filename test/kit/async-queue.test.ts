import { AsyncQueue } from '../../src/kit/async-queue.ts';

async function collect<T>(queue: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe('AsyncQueue', () => {
  test('yields in order what was pushed before and while somebody waits', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    const items = collect(queue);
    await Promise.resolve();
    queue.push(2);
    queue.push(3);
    queue.end();
    expect(await items).toEqual([1, 2, 3]);
  });

  test('counts what is queued, and takes nothing after the end', () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    expect([queue.size, queue.ended]).toEqual([1, false]);
    queue.end();
    queue.push(2);
    expect([queue.size, queue.ended]).toEqual([1, true]);
  });

  test('yields what is queued before an end with an error rejects, every time', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.end(new Error('lost'));
    queue.end();
    expect(await queue.next()).toEqual({ done: false, value: 1 });
    await expect(queue.next()).rejects.toThrow('lost');
    await expect(queue.next()).rejects.toThrow('lost');
  });

  test('drops what is queued when it fails, also after an end', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.end();
    queue.fail(new Error('aborted'));
    expect(queue.size).toBe(0);
    await expect(queue.next()).rejects.toThrow('aborted');
  });

  test('settles who waits when it ends or fails', async () => {
    const ended = new AsyncQueue<number>();
    const end = ended.next();
    ended.end();
    expect(await end).toEqual({ done: true, value: undefined });
    const failed = new AsyncQueue<number>();
    const failure = failed.next();
    failed.fail(new Error('aborted'));
    await expect(failure).rejects.toThrow('aborted');
  });

  test('refuses a second consumer', async () => {
    const queue = new AsyncQueue<number>();
    const first = queue.next();
    await expect(queue.next()).rejects.toThrow('one consumer');
    queue.push(1);
    expect(await first).toEqual({ done: false, value: 1 });
  });

  test('goes on after iteration was broken off', async () => {
    const queue = new AsyncQueue<number>();
    for (const item of [1, 2, 3]) queue.push(item);
    for await (const item of queue) if (item === 1) break;
    queue.end();
    expect(await collect(queue)).toEqual([2, 3]);
  });

  test('keeps order and count over many thousands of items taken as they come', async () => {
    const queue = new AsyncQueue<number>();
    let pushed = 0;
    for (let taken = 0; taken < 5_000; taken++) {
      for (let count = 0; count < 2; count++) queue.push(pushed++);
      expect((await queue.next()).value).toBe(taken);
    }
    expect(queue.size).toBe(5_000);
  });
});
