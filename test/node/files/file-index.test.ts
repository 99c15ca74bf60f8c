import * as fc from 'fast-check';
import { DEFAULT_STATEMENT_LIMITS } from '../../../src/node/files/statement-table.ts';
import type { FileIndex } from '../../../src/node/files/file-index.ts';
import type { FileStatement } from '../../../src/node/records.ts';
import {
  DAY_MS,
  OTHER,
  PEER,
  SELF,
  makeFiles,
  makeWorld,
  record,
  sha256,
  startFiles,
  SETTINGS,
  statement,
} from './fixture.ts';

function makeIndex(options: Parameters<typeof makeFiles>[1] = {}): FileIndex {
  return makeFiles(makeWorld(), options).files.index;
}

/** LIST in short: name@user, first writers, holders. */
function listed(index: FileIndex): string[] {
  return index.list().map(({ record: { name, user, checksum }, holders, current, conflict }) => {
    const marks = `${current ? ' current' : ''}${conflict ? ' conflict' : ''}`;
    return `${name}@${user} ${checksum.slice(0, 4)} ${holders.map((id) => id.slice(0, 1)).join('')}${marks}`;
  });
}

describe('apply', () => {
  test('takes a first statement as news, and its repetition not', () => {
    const index = makeIndex();
    const said = statement();
    expect(index.apply(said)).toBe(true);
    expect(index.apply(said)).toBe(false);
  });

  test('ignores what is older, by incarnation before sequence', () => {
    const index = makeIndex();
    index.apply(statement({ incarnation: 2, sequence: 1 }));
    expect(index.apply(statement({ incarnation: 1, sequence: 9, held: false }))).toBe(false);
    expect(index.holdersOf(record())).toEqual([PEER]);
  });

  test('keeps the statements of one origin on two users apart', () => {
    const index = makeIndex();
    index.apply(statement({ sequence: 5 }));
    expect(index.apply(statement({ sequence: 4, record: record({ user: 'bob' }) }))).toBe(true);
  });

  test('refuses more held files of one origin than the limit', () => {
    const index = makeIndex({ limits: { perOrigin: 2, total: 10 } });
    index.apply(statement({ record: record({ name: '1' }) }));
    index.apply(statement({ record: record({ name: '2' }) }));
    expect(() => index.apply(statement({ record: record({ name: '3' }) }))).toThrow(
      expect.objectContaining({ code: 'ERR_LIMIT' }) as Error,
    );
    expect(index.apply(statement({ record: record({ name: '2', content: 'y', version: new Map([[PEER, 2]]) }) }))).toBe(
      true,
    );
  });

  test('refuses more held files of all origins than the limit, where none takes more than an eighth of it', () => {
    const index = makeIndex({ limits: { perOrigin: 10, total: 8 } });
    for (let origin = 0; origin < 8; origin++) index.apply(statement({ origin: String(origin).repeat(32) }));
    expect(() => index.apply(statement())).toThrow(expect.objectContaining({ code: 'ERR_LIMIT' }) as Error);
  });

  test('lets the origin with the most files make room for another when all is full', () => {
    const index = makeIndex({ limits: { perOrigin: 100, total: 16 } });
    for (let name = 0; name < 16; name++) index.apply(statement({ record: record({ name: String(name) }) }));
    expect(() => index.apply(statement({ record: record({ name: 'one more' }) }))).toThrow(
      expect.objectContaining({ code: 'ERR_LIMIT' }) as Error,
    );
    expect(index.apply(statement({ origin: OTHER, record: record({ name: 'other' }) }))).toBe(true);
    expect(index.holdingsOf(OTHER).files).toBe(1);
    expect(index.statementsOf(PEER).map((each) => each.record.name)).toEqual(
      Array.from({ length: 15 }, (_, name) => String(name)),
    );
  });

  test('drops the oldest withdrawal of an origin to make room', () => {
    const index = makeIndex({ limits: { perOrigin: 2, total: 10 } });
    for (const name of ['1', '2', '3']) index.apply(statement({ held: false, record: record({ name }) }));
    expect(index.statementsOf(PEER).map((each) => each.record.name)).toEqual(['2', '3']);
  });

  test('has room for a large folder by default', () => {
    expect(DEFAULT_STATEMENT_LIMITS.perOrigin).toBeGreaterThanOrEqual(100_000);
  });
});

describe('LIST', () => {
  test('shows a file once, with all live holders', () => {
    const index = makeIndex();
    index.apply(statement());
    index.apply(statement({ origin: OTHER }));
    expect(listed(index)).toEqual([`f@alice ${sha256('x').slice(0, 4)} bc current`]);
  });

  test('shows nothing that only absent nodes hold', () => {
    const live = new Set([PEER]);
    const index = makeIndex({ isLive: (id) => live.has(id) });
    index.apply(statement());
    live.clear();
    expect(index.list()).toEqual([]);
  });

  test('hides a version that another held one covers', () => {
    const index = makeIndex();
    index.apply(statement({ origin: OTHER }));
    index.apply(statement({ record: record({ content: 'y', version: new Map([[PEER, 2]]) }) }));
    expect(listed(index)).toEqual([`f@alice ${sha256('y').slice(0, 4)} b current`]);
  });

  test('shows the covered version again when nobody is left who holds the newer', () => {
    const live = new Set([PEER, OTHER]);
    const index = makeIndex({ isLive: (id) => live.has(id) });
    index.apply(statement({ origin: OTHER }));
    index.apply(statement({ record: record({ content: 'y', version: new Map([[PEER, 2]]) }) }));
    live.delete(PEER);
    expect(listed(index)).toEqual([`f@alice ${sha256('x').slice(0, 4)} c current`]);
  });

  test('shows both of two versions in conflict, and says which is current', () => {
    const index = makeIndex();
    index.apply(statement({ record: record({ content: 'y', version: new Map([[PEER, 2]]) }) }));
    index.apply(statement({ origin: OTHER, record: record({ writer: OTHER, version: new Map([[OTHER, 1]]) }) }));
    expect(listed(index)).toEqual([
      `f@alice ${sha256('y').slice(0, 4)} b current conflict`,
      `f@alice ${sha256('x').slice(0, 4)} c conflict`,
    ]);
  });

  test('takes equal contents of two writers for one', () => {
    const index = makeIndex();
    index.apply(statement());
    index.apply(statement({ origin: OTHER, record: record({ writer: OTHER, version: new Map([[OTHER, 1]]) }) }));
    expect(listed(index)).toEqual([`f@alice ${sha256('x').slice(0, 4)} bc current`]);
  });

  test('takes one version with two contents, which a lost index may leave behind, for a conflict', () => {
    const index = makeIndex();
    index.apply(statement());
    index.apply(statement({ origin: OTHER, record: record({ content: 'y' }) }));
    expect(index.list().map(({ conflict }) => conflict)).toEqual([true, true]);
  });

  test('shows the files of two users side by side, without a conflict and one of them current', () => {
    const index = makeIndex();
    index.apply(statement());
    index.apply(
      statement({ origin: OTHER, record: record({ user: 'bob', content: 'y', version: new Map([[OTHER, 2]]) }) }),
    );
    expect(listed(index)).toEqual([
      `f@bob ${sha256('y').slice(0, 4)} c current`,
      `f@alice ${sha256('x').slice(0, 4)} b`,
    ]);
  });

  test('shows a deleted file for as long as another folder holds it', () => {
    const index = makeIndex();
    index.apply(statement({ origin: OTHER }));
    const tombstone = record({ content: '', version: new Map([[PEER, 2]]), modifiedMs: 1e15 });
    index.apply(statement({ held: false, record: tombstone }));
    expect(listed(index)).toEqual([`f@alice ${sha256('x').slice(0, 4)} c current`]);
    index.apply(statement({ origin: OTHER, held: false }));
    expect(index.list()).toEqual([]);
  });

  test('never shows a deletion, even one said to be held', () => {
    const index = makeIndex();
    index.apply(statement({ record: record({ content: '', modifiedMs: 1e15 }) }));
    expect(index.list()).toEqual([]);
  });

  test('is the same whatever the order statements came in', () => {
    const ids = [PEER, OTHER, 'd'.repeat(32)];
    const version = fc
      .tuple(...ids.map(() => fc.nat(2)))
      .map((counters) => new Map(ids.flatMap((id, i) => (counters[i]! > 0 ? [[id, counters[i]!] as const] : []))));
    const said = fc.record({
      origin: fc.constantFrom(...ids),
      held: fc.boolean(),
      record: fc
        .record({
          name: fc.constantFrom('f', 'g'),
          user: fc.constantFrom('alice', 'bob'),
          writer: fc.constantFrom(...ids),
          content: fc.constantFrom('x', 'y', 'z', ''),
          version,
          modifiedMs: fc.constant(1e15),
        })
        .map(record),
    });
    const stories = fc
      .array(said, { maxLength: 30 })
      .map((all) => all.map((each, i): FileStatement => ({ ...each, incarnation: 1 + (i % 3), sequence: i })));
    const property = fc.property(
      stories.chain((story) => fc.tuple(fc.constant(story), fc.shuffledSubarray(story, { minLength: story.length }))),
      ([story, shuffled]) => {
        const one = makeIndex();
        const two = makeIndex();
        for (const each of story) one.apply(each);
        for (const each of [...shuffled, ...shuffled]) two.apply(each);
        expect(two.list()).toEqual(one.list());
      },
    );
    fc.assert(property, { seed: 1, numRuns: 300 });
  });
});

describe('find', () => {
  test('takes a file of exactly that name before splitting at the "@"', () => {
    const index = makeIndex();
    index.apply(statement({ record: record({ name: 'f@bob' }) }));
    index.apply(statement({ origin: OTHER, record: record({ name: 'f', user: 'bob' }) }));
    expect(index.find('f@bob')?.record.name).toBe('f@bob');
  });

  test('splits at the last "@"', () => {
    const index = makeIndex();
    index.apply(statement({ record: record({ name: 'me@home', user: 'bob' }) }));
    expect(index.find('me@home@bob')?.record.user).toBe('bob');
    expect(index.find('me@home@carol')).toBeUndefined();
  });

  test('takes the most recent over all users for the bare name', () => {
    const index = makeIndex();
    index.apply(statement({ record: record({ user: 'bob', version: new Map([[PEER, 3]]) }) }));
    index.apply(statement({ origin: OTHER, record: record({ content: 'y' }) }));
    expect(index.find('f')?.record.user).toBe('bob');
    expect(index.find('f@alice')?.record.user).toBe('alice');
  });

  test('finds nothing where there is nothing', () => {
    expect(makeIndex().find('f')).toBeUndefined();
  });
});

describe('holders', () => {
  test('are whoever holds the content under the name, of whatever user', () => {
    const index = makeIndex();
    index.apply(statement());
    index.apply(statement({ origin: OTHER, record: record({ user: 'bob' }) }));
    expect(index.holdersOf(record())).toEqual([PEER, OTHER]);
  });

  test('are forgotten with their node, whose word is news again afterwards', () => {
    const index = makeIndex();
    const said = statement();
    index.apply(said);
    index.forget(PEER);
    expect(index.holdersOf(record())).toEqual([]);
    expect(index.apply(said)).toBe(true);
  });

  test('are counted by files and bytes', () => {
    const index = makeIndex();
    index.apply(statement({ record: record({ name: '1', content: 'abc' }) }));
    index.apply(statement({ record: record({ name: '2', content: 'de' }) }));
    index.apply(statement({ held: false, record: record({ name: '1', content: 'abc' }) }));
    expect(index.holdingsOf(PEER)).toEqual({ files: 1, bytes: 2, replicaBytes: 0 });
  });
});

describe('those who are fetching a content', () => {
  const described = record({ manifest: 'ab'.repeat(32) });

  test('are found by what it is made of, and are no holders', () => {
    const index = makeIndex();
    index.apply(statement({ held: false, part: true, record: described }));
    index.apply(statement({ origin: OTHER, held: false, record: described }));
    expect(index.fetchersOf(described)).toEqual([PEER]);
    expect(index.fetchersOf({ ...described, manifest: 'cd'.repeat(32) })).toEqual([]);
    expect(index.holdersOf(described)).toEqual([]);
    index.apply(statement({ incarnation: 7, record: described }));
    expect(index.fetchersOf(described)).toEqual([]);
  });

  test('are told of by this node, once, and until that is over', async () => {
    const said: FileStatement[] = [];
    const { files } = makeFiles(makeWorld(), { onStatement: (told) => void said.push(told) });
    const { own } = files.index;
    own.fetching(described, false);
    own.fetching(described, true);
    own.fetching(described, true);
    own.fetching(described, false);
    await own.flush();
    expect(said.map(({ held, part = false }) => ({ held, part }))).toEqual([
      { held: false, part: true },
      { held: false, part: false },
    ]);
    expect(files.index.fetchersOf(described)).toEqual([]);
  });
});

describe('withdrawals', () => {
  const deletion = (modifiedMs: number) =>
    statement({ held: false, record: record({ content: '', version: new Map([[PEER, 2]]), modifiedMs }) });

  test('are remembered for tombstoneMs and then forgotten', async () => {
    // One scan a day: what is shown here needs no more of them.
    const { files, clock } = await startFiles(undefined, { settings: { ...SETTINGS, scanMs: DAY_MS } });
    files.index.apply(deletion(clock.wallTime()));
    files.index.apply(statement({ held: false, record: record({ name: 'g' }) }));
    await clock.advance(29 * DAY_MS);
    expect(files.index.statementsOf(PEER)).toHaveLength(2);
    await clock.advance(2 * DAY_MS);
    expect(files.index.statementsOf(PEER)).toHaveLength(0);
    await files.close();
  });

  test('that are old when they are heard still end a holding, but are not remembered', async () => {
    const { files, clock } = await startFiles();
    files.index.apply(statement());
    const old = deletion(clock.wallTime() - 31 * DAY_MS);
    expect(files.index.apply(old)).toBe(true);
    expect(files.index.list()).toEqual([]);
    expect(files.index.apply(old)).toBe(false);
    await files.close();
  });
});

describe('what others say of this node', () => {
  test('is never news, and a holding it never had is denied', async () => {
    const { files, statements } = await startFiles();
    expect(files.index.apply(statement({ origin: SELF }))).toBe(false);
    await files.index.own.flush();
    expect(statements).toMatchObject([{ origin: SELF, held: false, record: { name: 'f' } }]);
    expect(files.index.list()).toEqual([]);
    await files.close();
  });

  test('is answered where it is newer than all this node said, as after the loss of its index', async () => {
    const world = makeWorld();
    world.disk.put('f', 'mine');
    const node = await startFiles(world, { incarnation: 8 });
    node.said();
    const forgotten = record({ content: 'before', writer: SELF, version: new Map([[SELF, 7]]) });
    node.files.index.apply(statement({ origin: SELF, incarnation: 7, sequence: 1, record: forgotten }));
    expect(node.files.index.own.holding('f')?.record.version.get(SELF)).toBe(1);
    node.files.index.apply(statement({ origin: SELF, incarnation: 9, sequence: 1, record: forgotten }));
    expect(node.files.index.own.holding('f')?.record).toMatchObject({
      checksum: sha256('mine'),
      version: new Map([[SELF, 8]]),
    });
    await node.close();
  });

  test('raises its counter above what it wrote before it lost its index', async () => {
    const world = makeWorld();
    world.disk.put('f', 'mine');
    const node = await startFiles(world);
    const before = record({ content: 'before', writer: SELF, version: new Map([[SELF, 7]]) });
    node.files.index.apply(statement({ record: before }));
    await node.files.index.own.flush();
    expect(node.statements.at(-1)?.record).toMatchObject({
      checksum: sha256('mine'),
      version: new Map([[SELF, 8]]),
    });
    expect(node.files.index.find('f')?.record.checksum).toBe(sha256('mine'));
    await node.close();
  });
});
