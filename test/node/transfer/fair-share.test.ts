import { expectContent } from './support/expectations.ts';
import { contentOf } from './support/holders.ts';
import { recordOf } from './support/memory-files.ts';
import { TestNetwork, type TestNode } from './support/test-network.ts';

const PIECE_LENGTH = 32 * 1_024;
const SIZE = 256 * PIECE_LENGTH;
/** 10 MB/s, 10 ms each way. */
const LINE = { bytesPerSecond: 10e6, delayMs: 10 };
/** What a file takes that has the line to itself, without the first answers. */
const ALONE_MS = (SIZE / LINE.bytesPerSecond) * 1_000;

/** A holder behind a line, and so many who fetch from it. */
function createScene(fetchers: number) {
  const network = new TestNetwork();
  const settings = { transferWindow: 8 * 1_024 * 1_024 };
  const nodes = Array.from({ length: fetchers }, (_, index) => network.node(1 + index, { settings }));
  const holder = network.node(100);
  network.limit(holder.id, LINE);
  /** Fetches a file of its own; resolves to the milliseconds it took. */
  const fetch = async (node: TestNode, name: string, size = SIZE) => {
    const bytes = contentOf(size);
    const record = holder.files.addInPieces(recordOf(name, bytes), bytes, PIECE_LENGTH);
    const began = network.clock.now();
    await node.transfers.fetch(record, [holder.id]);
    expectContent(node, name, bytes);
    return network.clock.now() - began;
  };
  return { network, nodes, fetch };
}

function expectNear(ms: number, expected: number): void {
  expect(ms).toBeGreaterThan(expected * 0.8);
  expect(ms).toBeLessThan(expected * 1.2);
}

describe('a line that several files come over at once', () => {
  test('is shared among those that one node fetches', async () => {
    const { network, nodes, fetch } = createScene(1);
    const fetched = ['a', 'b', 'c'].map((name) => fetch(nodes[0]!, name));
    const times = await network.until(Promise.all(fetched), { stepMs: 10 });
    for (const ms of times) expectNear(ms, 3 * ALONE_MS);
  });

  test('is shared among those that several nodes fetch', async () => {
    const { network, nodes, fetch } = createScene(3);
    const fetched = nodes.map((node, index) => fetch(node, `file ${index}`));
    const times = await network.until(Promise.all(fetched), { stepMs: 10 });
    for (const ms of times) expectNear(ms, 3 * ALONE_MS);
  });

  test('gives a small file that comes later its share at once, though a large one fills the line', async () => {
    const { network, nodes, fetch } = createScene(1);
    const large = fetch(nodes[0]!, 'large');
    await network.clock.advance(ALONE_MS / 4);
    const small = await network.until(fetch(nodes[0]!, 'small', SIZE / 8), { stepMs: 10 });
    expect(small).toBeLessThan((2 * ALONE_MS) / 8 + 150);
    expectNear(await network.until(large, { stepMs: 10 }), (ALONE_MS * 9) / 8);
  });
});
