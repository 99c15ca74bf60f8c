import { KernelError, type Disk, type DiskFile, type NodeIndex } from '../../../src/kernel/index.ts';
import { PEER, SELF, makeFiles, makeWorld, record, sha256, startFiles, text, type TestFiles } from './fixture.ts';
import {
  beginToReceive,
  contentOf,
  describe as describeFile,
  putWhole,
  receivePieces,
  writePieces,
} from './pieces-fixture.ts';

const MUTATIONS = new Set(['open', 'make', 'rename', 'remove', 'makeDirectory', 'batch', 'write', 'truncate', 'sync']);

/** What returns no promise, or changes nothing. */
const SYNCHRONOUS = new Set<string | symbol>(['watch', 'iterator', 'keys', 'getSync', Symbol.asyncDispose]);

/** Lets a process die: after so many changes of disk and index nothing works any more. */
class Death {
  changesLeft = Number.POSITIVE_INFINITY;

  disk(disk: Disk): Disk {
    return this.#mortal(disk, (file) => this.#mortal(file as DiskFile));
  }

  index(index: NodeIndex): NodeIndex {
    return new Proxy(index, {
      get: (target, key) => {
        if (key === 'sublevel') {
          return (...parameters: Parameters<NodeIndex['sublevel']>) => this.#mortal(target.sublevel(...parameters));
        }
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #mortal<T extends object>(object: T, wrapResult: (result: unknown) => unknown = (result) => result): T {
    return new Proxy(object, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        if (SYNCHRONOUS.has(key)) return value.bind(target) as unknown;
        return async (...parameters: unknown[]) => {
          if (MUTATIONS.has(String(key)) && this.changesLeft > 0) this.changesLeft -= 1;
          if (this.changesLeft <= 0) throw new KernelError('ERR_DISK', 'the process is dead');
          const result: unknown = await (value as (...all: unknown[]) => unknown).apply(target, parameters);
          return key === 'open' ? wrapResult(result) : result;
        };
      },
    });
  }
}

async function dyingNode(death: Death): Promise<TestFiles> {
  const world = makeWorld();
  const node = makeFiles({ ...world, index: death.index(world.index) }, { wrap: (disk) => death.disk(disk) });
  await node.files.start();
  return { ...node, index: world.index };
}

/** Runs the work again and again, dying one change later each time, until it gets through. */
async function dieEverywhere(
  prepare: (node: TestFiles) => Promise<void>,
  work: (node: TestFiles) => Promise<unknown>,
  check: (restarted: TestFiles) => Promise<void>,
): Promise<number> {
  for (let changes = 1; ; changes++) {
    const death = new Death();
    const node = await dyingNode(death);
    await prepare(node);
    death.changesLeft = changes;
    const survived = await work(node).then(
      () => death.changesLeft > 0,
      () => false,
    );
    await node.close().catch(() => undefined);
    node.disk.crash();
    const restarted = await startFiles({ clock: node.clock, disk: node.disk, index: node.index }, { incarnation: 2 });
    await check(restarted);
    await restarted.close();
    if (survived) return changes;
  }
}

const received = record({ user: 'bob', content: 'theirs' });
/** The same, once its content was read here. */
const described = { ...received, manifest: expect.stringMatching(/^[0-9a-f]{64}$/) as string };
/** Of three pieces, with a manifest of its writer. */
const inPieces = describeFile(contentOf(1, 3_000));

/** Everything that has the name or may be brought back to it. */
function contents({ disk, files }: TestFiles): string[] {
  const kept = files.versions.list('f').map(({ version }) => text(disk.peek(`.peerhold/versions/${version}`)));
  return [text(disk.peek('f')), ...kept].filter((content) => content !== undefined);
}

async function assertTidy({ disk, files, warnings }: TestFiles): Promise<void> {
  expect(await disk.list('.peerhold/partial')).toEqual([]);
  expect(await disk.list('.peerhold/versions')).toHaveLength(files.versions.list().length);
  expect(warnings).toEqual([]);
}

test('a process that dies at any moment of a placement leaves what was there or what came, and knows which', async () => {
  const outcomes = new Set<string>();
  const steps = await dieEverywhere(
    (node) => node.write('f', 'mine'),
    (node) => node.receive(received, 'theirs'),
    async (node) => {
      await assertTidy(node);
      const holding = node.files.index.own.holding('f')?.record;
      outcomes.add(contents(node).join());
      if (text(node.disk.peek('f')) === 'mine') {
        expect(holding).toMatchObject({ user: 'alice', writer: SELF, version: new Map([[SELF, 1]]) });
        expect(node.said()).toEqual([]);
      } else {
        expect(holding).toEqual(described);
      }
    },
  );
  expect(steps).toBeGreaterThan(8);
  expect(outcomes).toEqual(new Set(['mine', 'theirs,mine']));
});

test('a process that dies at any moment of a first placement leaves the whole file or none', async () => {
  await dieEverywhere(
    async () => undefined,
    (node) => node.receive(received, 'theirs'),
    async (node) => {
      await assertTidy(node);
      const holding = node.files.index.own.holding('f')?.record;
      expect([undefined, described]).toContainEqual(holding);
      expect(contents(node)).toEqual(holding === undefined ? [] : ['theirs']);
    },
  );
});

test('a process that dies at any moment of a file that comes in pieces leaves the whole file or none, and goes on with what it had', async () => {
  const fetched = new Set<number>();
  await dieEverywhere(
    (node) => node.write('f', 'mine'),
    async (node) => {
      const incoming = await beginToReceive(node, inPieces);
      await writePieces(incoming, inPieces, [1]);
      await node.clock.advance(1_100);
      await writePieces(incoming, inPieces);
      await incoming.commit();
    },
    async (node) => {
      const holding = node.files.index.own.holding('f');
      const isMine = text(node.disk.peek('f')) === 'mine';
      expect(holding?.record).toEqual(isMine ? expect.objectContaining({ user: 'alice' }) : inPieces.record);
      expect(node.warnings).toEqual([]);
      if (isMine) fetched.add((await receivePieces(node, inPieces)).length);
      expect(node.disk.peek('f')).toEqual(inPieces.content);
      await node.files.checks.idle();
      expect(node.files.index.own.holding('f')).toMatchObject({ record: inPieces.record, check: 'done' });
      expect(contents(node)).toHaveLength(2);
      expect(await node.disk.list('.peerhold/partial')).toEqual([]);
    },
  );
  expect(fetched).toEqual(new Set([3, 2, 0]));
});

test.each([
  ['comes by pieces', receivePieces],
  ['comes whole', putWhole],
])(
  'a process that dies at any moment of a small file that %s leaves the whole file or none, and never none once it was announced',
  async (_, receive) => {
    const small = describeFile(contentOf(1, 500));
    let said: TestFiles['statements'] = [];
    await dieEverywhere(
      async ({ statements }) => {
        said = statements;
      },
      (node) => receive(node, small),
      async (node) => {
        const holding = node.files.index.own.holding('f')?.record;
        expect([undefined, small.record]).toContainEqual(holding);
        expect(node.disk.peek('f')).toEqual(holding && small.content);
        if (said.some(({ held }) => held)) expect(holding).toEqual(small.record);
        expect(await node.disk.list('.peerhold/partial')).toEqual([]);
      },
    );
  },
);

test('a process that dies at any moment of taking a file from its replica has it, whole, in one place or the other', async () => {
  const places = new Set<string>();
  await dieEverywhere(
    async (node) => {
      const incoming = await node.files.replicas.receive(inPieces.record);
      await incoming.begin(inPieces.encoded);
      await writePieces(incoming, inPieces);
      await incoming.commit();
      await node.files.index.own.flush();
    },
    async (node) => {
      expect(await receivePieces(node, inPieces)).toEqual([]);
      await node.files.index.own.flush();
      await node.files.replicas.close();
    },
    async (node) => {
      const { file } = await node.files.store.open('f', inPieces.record.checksum);
      expect(Buffer.compare(await file.read(0, 3_000), inPieces.content)).toBe(0);
      await file.close();
      const isInFolder = node.files.index.own.holding('f') !== undefined;
      const replicas = await node.disk.list('.peerhold/replicas');
      expect(replicas).toHaveLength(isInFolder ? 0 : 1);
      places.add(isInFolder ? 'folder' : 'replica');
      expect(node.warnings).toEqual([]);
    },
  );
  expect(places).toEqual(new Set(['replica', 'folder']));
});

test('a process that dies at any moment of finding a content false never deletes it for others', async () => {
  const lie = describeFile(contentOf(2, 3_000), { user: 'alice', says: sha256('something else') });
  await dieEverywhere(
    async () => undefined,
    async (node) => {
      await receivePieces(node, lie);
      await node.files.checks.idle();
      await node.files.index.own.flush();
    },
    async (node) => {
      await node.files.checks.idle();
      await node.files.index.own.flush();
      expect(node.files.index.own.holding('f')).toBeUndefined();
      expect(node.disk.peek('f')).toBeUndefined();
      expect(node.said().filter((said) => said.endsWith('deleted'))).toEqual([]);
      expect(node.files.versions.list('f').length).toBeLessThanOrEqual(1);
    },
  );
});

test('a process that dies at any moment of a restore loses neither content', async () => {
  const outcomes = new Set<string>();
  await dieEverywhere(
    async (node) => {
      await node.write('f', 'mine');
      await node.receive(received, 'theirs');
    },
    (node) => node.files.versions.restore('1'),
    async (node) => {
      await assertTidy(node);
      const holding = node.files.index.own.holding('f')?.record;
      outcomes.add(contents(node).join());
      if (text(node.disk.peek('f')) === 'mine') {
        expect(holding).toMatchObject({ user: 'alice', checksum: sha256('mine'), version: new Map([[SELF, 2]]) });
      } else {
        expect(holding).toEqual(described);
      }
    },
  );
  expect(outcomes).toEqual(new Set(['theirs,mine', 'mine,theirs']));
});

test('a move that the crash caught with both names is taken back', async () => {
  const world = makeWorld();
  const node = await startFiles(world);
  await node.write('f', 'mine');
  await node.close();
  // The same inode under both names, as between link and unlink.
  const both = new Proxy(world.disk, {
    get(target, key) {
      if (key === 'stat') {
        return async (path: string) => target.stat(path === '.peerhold/versions/1' ? 'f' : path);
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  world.disk.put('.peerhold/versions/1', 'mine');
  const row = { name: 'f', size: 4, checksum: sha256('mine'), user: 'alice', replaced: 1, kept: false };
  await world.index.sublevel<string, unknown>('versions', { valueEncoding: 'json' }).put('1', row);
  const restarted = await startFiles({ ...world, disk: both }, { incarnation: 2 });
  expect(restarted.files.versions.list()).toEqual([]);
  expect(world.disk.peek('.peerhold/versions/1')).toBeUndefined();
  expect(text(world.disk.peek('f'))).toBe('mine');
  await restarted.close();
});

test('a file announced before the crash does not give its version to another content after it', async () => {
  const world = makeWorld();
  const node = await startFiles(world);
  await node.write('f', 'one');
  const [said] = node.statements;
  // No close: the process is gone.
  world.disk.put('f', 'two');
  const restarted = await startFiles(world, { incarnation: 2 });
  expect(said?.record.version).toEqual(new Map([[SELF, 1]]));
  expect(restarted.files.index.own.holding('f')?.record.version).toEqual(new Map([[SELF, 2]]));
  expect(restarted.files.index.own.holding('f')?.record.writer).not.toBe(PEER);
  await restarted.close();
  await node.close();
});
