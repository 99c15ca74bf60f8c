import type { ReceivedFile } from '../../src/node/index.ts';
import { SimulatedNetwork, readFile, type SimulatedNode } from '../support/simulated-network.ts';

let network: SimulatedNetwork;

beforeEach(() => {
  network = new SimulatedNetwork();
});
afterEach(async () => {
  await network.close();
  expect(network.clock.pendingTimers).toBe(0);
});

/** A node with nothing, beside one with these files. */
async function besides(files: Readonly<Record<string, string>>): Promise<SimulatedNode> {
  const [, empty] = await network.line(2, (host) => (host === 1 ? { files } : {}));
  return empty as SimulatedNode;
}

const getAll = async ({ node }: SimulatedNode, query: string) => {
  const received: (ReceivedFile & { readonly of: number })[] = [];
  const onReceived = (file: ReceivedFile, of: number) => received.push({ ...file, of });
  return { got: await network.while(() => node.getAll(query, { onReceived })), received };
};

describe('GET of several files', () => {
  test('brings all of a folder, and tells of each', async () => {
    const node = await besides({ 'a/1': 'one', 'a/b/2': 'two', c: 'three' });
    const { got, received } = await getAll(node, 'a/');
    expect(got).toEqual({ files: 2, failed: 0, failures: [] });
    expect(received.map(({ name, of }) => [name, of]).sort()).toEqual([
      ['a/1', 2],
      ['a/b/2', 2],
    ]);
    expect(await readFile(node.disk, 'a/b/2')).toBe('two');
    expect(await readFile(node.disk, 'c')).toBeUndefined();
  });

  test('brings many files, counts those that were here, and takes each once', async () => {
    const files = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}.txt`, `content ${index}`]));
    const node = await besides(files);
    await network.while(() => node.node.get('f7.txt'));
    const { got, received } = await getAll(node, '*.txt');
    expect(got).toMatchObject({ files: 60, failed: 0 });
    expect(new Set(received.map(({ name }) => name)).size).toBe(60);
    expect(received.find(({ name }) => name === 'f7.txt')?.seconds).toBe(0);
  });

  test('takes a name for what it is before it takes it for a pattern or a user', async () => {
    const node = await besides({ '*.txt': 'star', 'a.txt': 'a', 'x@y': 'at' });
    expect(node.node.matching('*.txt')).toBeUndefined();
    expect(node.node.matching('x@y')).toBeUndefined();
    expect(node.node.matching('a.txt@user1')).toBeUndefined();
    expect(node.node.matching('?.txt')).toEqual(['*.txt', 'a.txt']);
  });

  test.each(['nothing/', '*.nothing', 'nothing'])('%s that matches nothing is refused', async (query) => {
    const node = await besides({ a: 'a' });
    expect(node.node.matching(query)).toBeUndefined();
    await expect(node.node.get(query)).rejects.toMatchObject({ code: 'ERR_NO_SUCH_FILE' });
    await expect(node.node.getAll(query)).rejects.toMatchObject({ code: 'ERR_NO_SUCH_FILE' });
  });

  test('goes on with the others where one fails, and says which and why', async () => {
    const node = await besides({ 'a/1': 'one', 'b/2': 'two' });
    // A file where the folder of another has to be.
    const { got, received } = await (async () => {
      const file = await node.disk.open('b', 'write');
      await file.sync();
      await file.close();
      return getAll(node, '{a,b}/*');
    })();
    expect(received.map(({ name }) => name)).toEqual(['a/1']);
    expect(got).toMatchObject({ files: 1, failed: 1, failures: [{ name: 'b/2' }] });
    expect(got.failures[0]?.code).toMatch(/^ERR_/);
  });

  test('ends with the reason of the signal, and tells of nothing afterwards', async () => {
    const node = await besides({ 'a/1': 'one', 'a/2': 'two' });
    const giveUp = new AbortController();
    const received: string[] = [];
    const getting = node.node.getAll('a/', { signal: giveUp.signal, onReceived: ({ name }) => received.push(name) });
    giveUp.abort(new Error('enough'));
    await expect(network.while(() => getting)).rejects.toThrow('enough');
    expect(received).toEqual([]);
  });

  test('tells how much of all of it has come', async () => {
    const node = await besides({ 'a/1': 'x'.repeat(1_000), 'a/2': 'y'.repeat(500) });
    const seen: number[] = [];
    await network.while(() =>
      node.node.getAll('a/', {
        onProgress: ({ received, size, files }) => {
          expect([size, files?.of]).toEqual([1_500, 2]);
          seen.push(received);
        },
      }),
    );
    expect(seen.at(-1)).toBe(1_500);
    expect(seen).toEqual([...seen].sort((x, y) => x - y));
  });
});
