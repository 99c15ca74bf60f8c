import type { Settings } from '../../../src/kernel/index.ts';
import { contentOf } from './support/holders.ts';
import { recordOf } from './support/memory-files.ts';
import { TestNetwork, type TestNode } from './support/test-network.ts';

const PIECE_LENGTH = 16 * 1_024;
const SIZE = 64 * PIECE_LENGTH;
const RATE = 256 * 1_024;
/** What a file takes at the rate. */
const ALONE_MS = (SIZE / RATE) * 1_000;

/** Files that are held by one node, in pieces or not, and so many who want them. */
function createScene({ fetchers = 1, files = 1, holder = {}, fetcher = {}, inPieces = true }: SceneOptions) {
  const network = new TestNetwork();
  const source = network.node(1, { settings: holder });
  const nodes = Array.from({ length: fetchers }, (_, index) => network.node(2 + index, { settings: fetcher }));
  const bytes = contentOf(SIZE);
  const records = Array.from({ length: files }, (_, index) => {
    const plain = recordOf(`file ${index}`, bytes);
    if (inPieces) return source.files.addInPieces(plain, bytes, PIECE_LENGTH);
    source.files.add(plain, bytes);
    return plain;
  });
  /** How long a fetch takes, in ms. */
  const fetch = async (node: TestNode, file = 0) => {
    const started = network.clock.now();
    await node.transfers.fetch(records[file]!, [source.id]);
    return network.clock.now() - started;
  };
  return { network, nodes, fetch };
}

interface SceneOptions {
  readonly fetchers?: number;
  readonly files?: number;
  readonly holder?: Partial<Settings>;
  readonly fetcher?: Partial<Settings>;
  readonly inPieces?: boolean;
}

const NEAR = 0.15;

function expectNear(ms: number, expected: number) {
  expect(ms).toBeGreaterThan(expected * (1 - NEAR));
  expect(ms).toBeLessThan(expected * (1 + NEAR));
}

describe('the rates of a node', () => {
  test.each([
    ['uploadRate', 'pieces', { holder: { uploadRate: RATE } }],
    ['uploadRate', 'one whole', { holder: { uploadRate: RATE }, inPieces: false }],
    ['downloadRate', 'pieces', { fetcher: { downloadRate: RATE } }],
    ['downloadRate', 'one whole', { fetcher: { downloadRate: RATE }, inPieces: false }],
  ] as const)('%s bounds a file of %s', async (_setting, _form, scene: SceneOptions) => {
    const { network, nodes, fetch } = createScene(scene);
    expectNear(await network.until(fetch(nodes[0]!)), ALONE_MS);
  });

  test('without them nothing waits', async () => {
    const { network, nodes, fetch } = createScene({});
    expect(await network.until(fetch(nodes[0]!), { stepMs: 10 })).toBeLessThan(100);
  });

  test('all who fetch from a node share what it sends evenly', async () => {
    const { network, nodes, fetch } = createScene({ fetchers: 4, holder: { uploadRate: RATE } });
    const times = await network.until(Promise.all(nodes.map((node) => fetch(node))));
    for (const ms of times) expectNear(ms, 4 * ALONE_MS);
  });

  test('all files that a node fetches share what it asks for evenly', async () => {
    const { network, nodes, fetch } = createScene({ files: 3, fetcher: { downloadRate: RATE } });
    const times = await network.until(Promise.all([0, 1, 2].map((file) => fetch(nodes[0]!, file))));
    for (const ms of times) expectNear(ms, 3 * ALONE_MS);
  });

  test('a fetch that is given up while it waits ends at once', async () => {
    const { network, nodes, fetch } = createScene({ files: 2, fetcher: { downloadRate: 1_024 } });
    const other = expect(fetch(nodes[0]!, 1)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await network.clock.advance(500);
    await network.until(nodes[0]!.transfers.close());
    await other;
    expect(network.clock.now()).toBeLessThan(2_000);
  });
});
