import type { Disk, DiskFile, NodeIndex } from '../../../src/kernel/index.ts';
import { makeWorld, sha256, startFiles, type TestFiles } from './fixture.ts';
import { contentOf, describe as describeFile, putWhole, receivePieces, type Described } from './pieces-fixture.ts';

const FILES = 200;
const AT_ONCE = 16;

/** What a disk and an index are asked for, by the name of the call. */
class Counted {
  readonly calls = new Map<string, number>();

  /** Calls of these names, for each file. */
  perFile(...names: string[]): number {
    return names.reduce((sum, name) => sum + (this.calls.get(name) ?? 0), 0) / FILES;
  }

  disk(disk: Disk): Disk {
    return this.#counted(disk, '', (file) => this.#counted(file as DiskFile, 'file.'));
  }

  index(index: NodeIndex): NodeIndex {
    return new Proxy(index, {
      get: (target, key) => {
        if (key === 'sublevel') {
          return (...parameters: Parameters<NodeIndex['sublevel']>) =>
            this.#counted(target.sublevel(...parameters), 'index.');
        }
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #counted<T extends object>(object: T, prefix: string, wrapOpened: (opened: unknown) => unknown = (same) => same): T {
    return new Proxy(object, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return (...parameters: unknown[]) => {
          const name = prefix + String(key) + (isDurable(parameters[1]) ? ' durably' : '');
          this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
          const result: unknown = (value as (...all: unknown[]) => unknown).apply(target, parameters);
          return prefix === '' && key === 'open' ? (result as Promise<unknown>).then(wrapOpened) : result;
        };
      },
    });
  }
}

function isDurable(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'sync' in options && options.sync === true;
}

/** Receives small files of one folder, some at once, as GET does. */
async function receiveMany(
  node: TestFiles,
  receive: (node: TestFiles, file: Described) => Promise<unknown>,
): Promise<void> {
  const files = Array.from({ length: FILES }, (_, n) => describeFile(contentOf(n + 1, 1_000), { name: `many/${n}` }));
  const lane = async () => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) await receive(node, file);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await node.files.index.own.flush();
}

describe.each([
  ['by pieces', receivePieces],
  ['whole', putWhole],
])('many small files that are received %s', (way, receive) => {
  let counted: Counted;
  let node: TestFiles;

  beforeEach(async () => {
    const world = makeWorld();
    world.disk.put('many/first', 'known to the node, as is the directory');
    counted = new Counted();
    node = await startFiles({ ...world, index: counted.index(world.index) }, { wrap: (disk) => counted.disk(disk) });
    counted.calls.clear();
    await receiveMany(node, receive);
  });
  afterEach(() => node.close());

  test('are all there', () => {
    expect([...node.files.index.own.heldNames()]).toHaveLength(FILES + 1);
  });

  test('cost few calls of the disk each', () => {
    // By pieces: a look before, five for the content, a move, and a look for the watch of the folder. Whole: one for the content, a move, and that look.
    const [content, all] = way === 'whole' ? [1, 3.5] : [4, 8.5];
    expect(counted.perFile('file.write', 'file.sync', 'file.close', 'open', 'make')).toBe(content);
    expect(counted.perFile('rename')).toBe(1);
    expect(counted.perFile(...[...counted.calls.keys()].filter((name) => !name.startsWith('index.')))).toBeLessThan(
      all,
    );
  });

  test('are written down together: one sync of the index for several of them', () => {
    expect(counted.perFile('index.batch durably')).toBeLessThan(0.2);
    expect(counted.perFile('index.batch', 'index.batch durably')).toBeLessThan(0.6);
    expect(counted.perFile('index.get')).toBeLessThan(0.1);
  });
});

test('a file that is announced waits for its own round, and not for what is announced meanwhile', async () => {
  let told = 0;
  const change = (n: number) => {
    const facts = { size: 1, modifiedMs: 1, inode: `${n}` };
    node.files.index.own.changed(`${n}`, { checksum: sha256(`${n}`), facts });
  };
  const onStatement = () => {
    if (++told < 50) change(told);
  };
  const node = await startFiles(makeWorld(), { onStatement });
  change(0);
  await node.files.index.own.flush();
  expect(told).toBeGreaterThan(0);
  expect(told).toBeLessThan(5);
  await node.close();
});
