import type { Disk, Hasher } from '../../../src/kernel/index.ts';
import { deferred } from '../../../src/kit/deferred.ts';
import { inlineHasher } from '../../../src/kit/inline-hasher.ts';
import { override } from '../../support/override.ts';
import type { TestFiles } from './fixture.ts';
import {
  OTHER,
  PEER,
  SELF,
  SETTINGS,
  makeFiles,
  makeWorld,
  record,
  sha256,
  startFiles,
  statement,
  text,
} from './fixture.ts';

/** Lets the clock run and everything that is found then be entered. */
async function pass({ clock, files }: TestFiles, ms: number): Promise<void> {
  await clock.advance(ms);
  await files.folder.idle();
  await files.index.own.flush();
}

/** The paths of what was opened and looked at. */
interface Calls {
  readonly open: string[];
  readonly stat: string[];
}

const noCalls = (): Calls => ({ open: [], stat: [] });

function noting(disk: Disk, calls: Calls): Disk {
  return override(disk, {
    open: (path, ...rest) => {
      calls.open.push(path);
      return disk.open(path, ...rest);
    },
    stat: (path) => {
      calls.stat.push(path);
      return disk.stat(path);
    },
  });
}

describe('at the start', () => {
  test('every regular file is announced once, those of subfolders too', async () => {
    const world = makeWorld();
    world.disk.put('a', '1');
    world.disk.put('sub/deep/b', '2');
    const node = await startFiles(world);
    expect(node.said().sort()).toEqual(['a@alice held', 'sub/deep/b@alice held']);
    expect(node.files.index.own.holding('sub/deep/b')?.record).toMatchObject({
      checksum: sha256('2'),
      size: 1,
      user: 'alice',
      writer: SELF,
      version: new Map([[SELF, 1]]),
    });
    await node.close();
  });

  test('links and the private directory are left alone', async () => {
    const world = makeWorld();
    world.disk.addLink('link');
    world.disk.put('.peerhold/secret', 's');
    const node = await startFiles(world);
    expect(node.statements).toEqual([]);
    await node.close();
  });

  test('a name that breaks the rules is warned of once', async () => {
    const world = makeWorld();
    world.disk.put(`${'d/'.repeat(40)}deep`, '1');
    world.disk.put('fine', '1');
    const node = await startFiles(world);
    await pass(node, 20_000);
    expect(node.warnings.map(({ code }) => code)).toEqual(['ERR_NAME']);
    expect(node.said()).toEqual(['fine@alice held']);
    await node.close();
  });

  test('a restart announces and hashes nothing that did not change', async () => {
    const world = makeWorld();
    world.disk.put('a', '1');
    const first = await startFiles(world);
    const [said] = first.statements;
    await first.close();
    const calls = noCalls();
    const second = await startFiles(world, { incarnation: 2, wrap: (disk) => noting(disk, calls) });
    expect(second.statements).toEqual([]);
    expect(calls.open).toEqual([]);
    expect(second.files.index.ownStatements()).toEqual([said]);
    await second.close();
  });

  test('a file is looked at once where nothing changed, and where it is new once more when it was read', async () => {
    const world = makeWorld();
    const names = Array.from({ length: 100 }, (_, index) => `d${index % 3}/${index}`);
    for (const name of names) world.disk.put(name, name);
    const [first, second] = [noCalls(), noCalls()];
    await (await startFiles(world, { wrap: (disk) => noting(disk, first) })).close();
    await (await startFiles(world, { incarnation: 2, wrap: (disk) => noting(disk, second) })).close();
    const ofFiles = (paths: readonly string[]) => paths.filter((path) => path.startsWith('d')).sort();
    expect(ofFiles(first.open)).toEqual([...names].sort());
    expect(ofFiles(first.stat)).toEqual([...names, ...names].sort());
    expect(ofFiles(second.open)).toEqual([]);
    expect(ofFiles(second.stat)).toEqual([...names].sort());
  });

  test('what changed while the node was down is found', async () => {
    const world = makeWorld();
    for (const name of ['changed', 'deleted', 'touched']) world.disk.put(name, '1');
    await (await startFiles(world)).close();
    world.disk.put('changed', '2');
    world.disk.put('touched', '1');
    await world.disk.remove('deleted');
    const node = await startFiles(world, { incarnation: 2 });
    expect(node.said().sort()).toEqual(['changed@alice held', 'deleted@alice deleted']);
    await node.close();
  });

  test('damaged rows of the index cost no more than hashing again', async () => {
    const world = makeWorld();
    world.disk.put('a', '1');
    await (await startFiles(world)).close();
    const rows = world.index.sublevel<string, unknown>('own-files', { valueEncoding: 'json' });
    await rows.put('alice/a', { held: true, record: { name: '../a' } });
    const node = await startFiles(world, { incarnation: 2 });
    expect(node.said()).toEqual(['a@alice held']);
    await node.close();
  });

  test('ten thousand files are entered in a few seconds', async () => {
    const world = makeWorld();
    for (let index = 0; index < 10_000; index++) world.disk.put(`d${index % 100}/${index}`, String(index));
    const node = await startFiles(world);
    expect(node.statements).toHaveLength(10_000);
    expect(node.files.index.list()).toHaveLength(10_000);
    await node.close();
  });
});

describe('while the node runs', () => {
  test('a new file is announced without waiting for the scan', async () => {
    const node = await startFiles();
    node.disk.put('new', '1');
    await pass(node, SETTINGS.settleMs);
    expect(node.said()).toEqual(['new@alice held']);
    await node.close();
  });

  test('a file moved in that rested elsewhere is announced at once', async () => {
    const node = await startFiles();
    node.disk.put('.peerhold/old', '1');
    await node.clock.advance(SETTINGS.settleMs * 2);
    await node.disk.rename('.peerhold/old', 'new', { replace: false });
    await pass(node, 0);
    expect(node.said()).toEqual(['new@alice held']);
    await node.close();
  });

  test('files of a new directory are announced, and those added to it later', async () => {
    const node = await startFiles();
    await node.write('new/a', '1');
    await node.write('new/b', '1');
    expect(node.said()).toEqual(['new/a@alice held', 'new/b@alice held']);
    await node.close();
  });

  test('a growing file is announced once, when it rests', async () => {
    const node = await startFiles();
    for (let length = 1; length <= 10; length++) {
      node.disk.put('growing', 'x'.repeat(length));
      await pass(node, SETTINGS.settleMs * 0.9);
    }
    expect(node.statements).toEqual([]);
    await pass(node, SETTINGS.settleMs * 2);
    expect(node.said()).toEqual(['growing@alice held']);
    expect(node.files.index.own.holding('growing')?.record.size).toBe(10);
    await node.close();
  });

  test('a change raises the counter of the version', async () => {
    const node = await startFiles();
    await node.write('f', '1');
    await node.write('f', '2');
    expect(node.statements.map((each) => each.record.version.get(SELF))).toEqual([1, 2]);
    await node.close();
  });

  test('a touched file is hashed and not announced', async () => {
    const node = await startFiles();
    await node.write('f', '1');
    node.said();
    await node.write('f', '1');
    expect(node.said()).toEqual([]);
    await pass(node, 20_000);
    expect(node.logger.named('folder.file_entered')).toHaveLength(2);
    await node.close();
  });

  test('a deleted file is announced as deleted, and added again as newer than its deletion', async () => {
    const node = await startFiles();
    await node.write('f', '1');
    await node.disk.remove('f');
    await pass(node, SETTINGS.settleMs);
    await node.write('f', '1');
    expect(node.said()).toEqual(['f@alice held', 'f@alice deleted', 'f@alice held']);
    expect(node.statements.map((each) => each.record.version.get(SELF))).toEqual([1, 2, 3]);
    await node.close();
  });

  test('a file that an editor writes anew is announced as one change', async () => {
    const node = await startFiles();
    await node.write('f', '1');
    node.said();
    await node.disk.remove('f');
    await pass(node, 50);
    await node.write('f', '2');
    await pass(node, SETTINGS.settleMs);
    expect(node.said()).toEqual(['f@alice held']);
    await node.close();
  });

  test('a renamed file is a deleted and a new one', async () => {
    const node = await startFiles();
    await node.write('f', '1');
    node.said();
    await node.disk.rename('f', 'g', { replace: false });
    await pass(node, SETTINGS.settleMs);
    expect(node.said().sort()).toEqual(['f@alice deleted', 'g@alice held']);
    await node.close();
  });

  test('a removed directory withdraws all it held', async () => {
    const node = await startFiles();
    await node.write('d/a', '1');
    await node.write('d/b', '1');
    node.said();
    for (const path of ['d/a', 'd/b', 'd']) await node.disk.remove(path);
    await pass(node, SETTINGS.settleMs);
    expect(node.said().sort()).toEqual(['d/a@alice deleted', 'd/b@alice deleted']);
    await node.close();
  });

  test('a change that no event tells of is found by the scan', async () => {
    const silent = (disk: Disk) =>
      new Proxy(disk, {
        get(target, key) {
          if (key === 'watch') return async function* () {};
          const value: unknown = Reflect.get(target, key);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    const node = await startFiles(makeWorld(), { wrap: silent });
    node.disk.put('f', '1');
    await pass(node, 1_000);
    expect(node.statements).toEqual([]);
    await pass(node, SETTINGS.scanMs);
    expect(node.said()).toEqual(['f@alice held']);
    await node.disk.remove('f');
    await pass(node, SETTINGS.scanMs + SETTINGS.settleMs);
    expect(node.said()).toEqual(['f@alice deleted']);
    await node.close();
  });

  test('a file that cannot be read is warned of once, withdrawn, and shared when it can be', async () => {
    const node = await startFiles();
    await node.write('f', '1');
    node.said();
    node.disk.put('f', '2');
    node.disk.breakPath('f');
    await pass(node, 30_000);
    expect(node.warnings.map(({ code }) => code)).toEqual(['ERR_ACCESS_DENIED']);
    expect(node.said()).toEqual(['f@alice released']);
    node.disk.mendPath('f');
    await node.write('f', '3');
    expect(node.said()).toEqual(['f@alice held']);
    await node.close();
  });

  test('a directory that cannot be read is warned of once, and what it held stays', async () => {
    const node = await startFiles();
    await node.write('d/f', '1');
    node.said();
    node.disk.breakPath('d');
    await pass(node, 30_000);
    expect(node.warnings.map(({ code }) => code)).toEqual(['ERR_ACCESS_DENIED']);
    expect(node.said()).toEqual([]);
    await node.close();
  });

  test('nothing is withdrawn when the folder itself goes', async () => {
    const node = await startFiles();
    await node.write('f', '1');
    node.said();
    await node.disk.remove('f');
    for (const below of ['/partial', '/replicas', '/versions', '']) await node.disk.remove(`.peerhold${below}`);
    await pass(node, 30_000);
    expect(node.said()).toEqual([]);
    expect(node.warnings.map(({ code }) => code)).toEqual(['ERR_FOLDER']);
    await node.close();
  });

  test('a folder that is too large is warned of once, and shared as far as it may be', async () => {
    const world = makeWorld();
    for (const name of ['1', '2', '3', '4']) world.disk.put(name, name);
    const node = await startFiles(world, { limits: { perOrigin: 2, total: 10 } });
    expect(node.statements).toHaveLength(2);
    expect(node.warnings.map(({ code }) => code)).toEqual(['ERR_LIMIT']);
    await node.close();
  });

  test('nothing is left behind when it closes', async () => {
    const node = await startFiles();
    node.disk.put('f', '1');
    await node.clock.advance(10);
    await node.close();
    expect(node.clock.pendingTimers).toBe(0);
    await node.clock.advance(60_000);
    expect(node.statements).toEqual([]);
  });
});

describe('a file that takes long to hash', () => {
  /** A hasher that ends no computation before it is let go, and how many were begun. */
  function heldHasher() {
    const { promise, resolve } = deferred<undefined>();
    const inner = inlineHasher();
    const held = { begun: 0, letGo: () => resolve(undefined) };
    const create: Hasher['create'] = (options) => {
      held.begun += 1;
      const stream = inner.create(options);
      return { ...stream, digest: () => promise.then(() => stream.digest()) };
    };
    return { held, hasher: { ...inner, create } };
  }

  test('is hashed once, though scans find it again and again meanwhile', async () => {
    const { held, hasher } = heldHasher();
    const world = makeWorld();
    const node = makeFiles(world, { hasher });
    await node.files.start();
    world.disk.put('f', '1');
    await world.clock.advance(30_000);
    expect(node.files.folder.unhashed).toBe(1);
    held.letGo();
    await pass(node, 30_000);
    expect(node.files.folder.unhashed).toBe(0);
    expect(held.begun).toBe(1);
    expect(node.said()).toEqual(['f@alice held']);
    await node.close();
  });

  test('does not hold up the withdrawal of another', async () => {
    const { held, hasher } = heldHasher();
    const world = makeWorld();
    world.disk.put('g', '1');
    await (await startFiles(world)).close();
    const node = makeFiles(world, { hasher, incarnation: 2 });
    await node.files.start();
    for (let index = 0; index < 10; index++) world.disk.put(`large ${index}`, String(index));
    await world.clock.advance(2_000);
    await world.disk.remove('g');
    await world.clock.advance(2_000);
    expect(node.said()).toEqual(['g@alice deleted']);
    held.letGo();
    await node.close();
  });

  test('is hashed again where it changes meanwhile, and announced once', async () => {
    const { held, hasher } = heldHasher();
    const world = makeWorld();
    const node = makeFiles(world, { hasher });
    await node.files.start();
    world.disk.put('f', '1');
    await world.clock.advance(2_000);
    world.disk.put('f', '2');
    held.letGo();
    await pass(node, 5_000);
    await pass(node, 5_000);
    expect(node.said()).toEqual(['f@alice held']);
    expect(node.files.store.holds('f', sha256('2'))).toBe(true);
    await node.close();
  });
});

describe('whose a file is', () => {
  test('a local change of another user’s file makes one of our own and withdraws the other', async () => {
    const node = await startFiles();
    await node.receive(record({ user: 'bob' }), 'x');
    node.said();
    await node.write('f', 'changed');
    expect(node.said()).toEqual(['f@bob released', 'f@alice held']);
    expect(node.statements.at(-1)?.record.version).toEqual(new Map([[SELF, 1]]));
    await node.close();
  });

  test('a local change of our user’s file of another node covers that node’s version', async () => {
    const node = await startFiles();
    await node.receive(record(), 'x');
    await node.write('f', 'changed');
    expect(node.files.index.own.holding('f')?.record.version).toEqual(
      new Map([
        [PEER, 1],
        [SELF, 1],
      ]),
    );
    await node.close();
  });

  test('a file made without knowing of another node’s is in conflict with it', async () => {
    const node = await startFiles();
    node.files.index.apply(statement());
    await node.write('f', 'mine');
    expect(node.files.index.entries('f').map(({ conflict }) => conflict)).toEqual([true, true]);
    await node.close();
  });

  test('a change raises our counter over all that were ever seen', async () => {
    const node = await startFiles();
    await node.write('f', '1');
    const seen = record({
      content: 'elsewhere',
      version: new Map([
        [PEER, 1],
        [SELF, 1],
      ]),
    });
    node.files.index.apply(statement({ record: seen }));
    await node.receive(record({ writer: OTHER, version: new Map([[OTHER, 1]]) }), 'x');
    await node.write('f', '2');
    expect(node.files.index.own.holding('f')?.record.version.get(SELF)).toBe(2);
    await node.close();
  });

  test('a content that another node of our user has already goes by its record', async () => {
    const node = await startFiles();
    node.files.index.apply(statement());
    await node.write('f', 'x');
    expect(node.statements.at(-1)).toMatchObject({ held: true, record: { writer: PEER } });
    expect(node.files.index.list()).toMatchObject([{ holders: [SELF, PEER], conflict: false }]);
    await node.close();
  });

  test('a fetched file that goes and comes back is still not ours', async () => {
    const node = await startFiles();
    await node.receive(record({ user: 'bob' }), 'x');
    await node.disk.rename('f', '.peerhold/aside', { replace: false });
    await pass(node, SETTINGS.settleMs);
    await node.disk.rename('.peerhold/aside', 'f', { replace: false });
    await pass(node, SETTINGS.settleMs);
    expect(node.said()).toEqual(['f@bob held', 'f@bob released', 'f@bob held']);
    await node.close();
  });

  test('removing a copy of another user’s file withdraws our holding only', async () => {
    const node = await startFiles();
    node.files.index.apply(statement({ record: record({ user: 'bob' }) }));
    await node.receive(record({ user: 'bob' }), 'x');
    await node.disk.remove('f');
    await pass(node, SETTINGS.settleMs);
    expect(node.said()).toEqual(['f@bob held', 'f@bob released']);
    expect(node.files.index.find('f')?.holders).toEqual([PEER]);
    expect(text(node.disk.peek('f'))).toBeUndefined();
    await node.close();
  });
});
