import { ChangedNames } from '../../src/kit/changed-names.ts';

describe('ChangedNames', () => {
  test('holds a name once until it is taken, and then again', async () => {
    const changed = new ChangedNames();
    const names = changed[Symbol.asyncIterator]();
    for (const name of ['a', 'b', 'a']) changed.add(name);
    expect([(await names.next()).value, (await names.next()).value]).toEqual(['a', 'b']);
    const next = names.next();
    changed.add('a');
    expect((await next).value).toBe('a');
  });

  test('says only that something changed where more names wait than it holds', async () => {
    const changed = new ChangedNames();
    for (let index = 0; index < 10_000; index++) changed.add(`file ${index}`);
    const names = changed[Symbol.asyncIterator]();
    expect((await names.next()).value).toBe('');
    const next = names.next();
    changed.add('a');
    expect((await next).value).toBe('a');
  });

  test('ends who waits, and takes nothing more', async () => {
    const changed = new ChangedNames();
    const next = changed[Symbol.asyncIterator]().next();
    changed.end();
    changed.add('a');
    expect((await next).done).toBe(true);
    expect((await changed[Symbol.asyncIterator]().next()).done).toBe(true);
  });
});
