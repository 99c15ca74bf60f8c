import { sampleFractions } from '../../../src/compliance/sample-numbers.ts';
import { BTree } from '../../../src/plugins/neighbour-priority/b-tree/b-tree.ts';
import {
  Branch,
  minimumCount,
  type Leaf,
  type TreeNode,
} from '../../../src/plugins/neighbour-priority/b-tree/nodes.ts';
import { fill, mean, takeBest, WorkCounter } from './counted-work.ts';

const SAMPLES = 300;

/** What a search in one node reads at most: halvings, and a look at what was found. */
const readsPerNode = (order: number) => Math.ceil(Math.log2(order + 1)) + 1;

describe.each([
  { order: 8, size: 300 },
  { order: 8, size: 10_000 },
  { order: 64, size: 300 },
  { order: 64, size: 10_000 },
  { order: 64, size: 100_000 },
])('BTree of order $order with $size entries', ({ order, size }) => {
  const { tree, all } = fill(new BTree(order), size);
  const counter = new WorkCounter();
  const samples = all.slice(0, SAMPLES);
  const leaves = leavesOf(tree);
  const depth = tree.depth;

  beforeEach(() => counter.watchBTree(tree.root));

  test('is no deeper than log of the size to the base of half the order', () => {
    expect(depth).toBeLessThanOrEqual(1 + Math.log(size / 2) / Math.log(minimumCount(order)));
  });

  test('has nodes seven tenths full', () => {
    expect(size / (leaves.length * order)).toBeGreaterThan(0.7);
  });

  test('has visits one node a level, and halves its way through each', () => {
    for (const each of samples) {
      const work = counter.measure(() => tree.has(each));
      expect(work.visited.size).toBe(depth);
      expect(work.scoresRead).toBeLessThanOrEqual(depth * readsPerNode(order));
    }
  });

  test('remove and insert visit one node a level, and now and then one beside it', () => {
    const fractions = sampleFractions(2);
    const works = samples.flatMap((each, index) => {
      counter.watchBTree(tree.root);
      const removal = counter.measure(() => expect(tree.remove(each)).toBe(true));
      counter.watchBTree(tree.root);
      const moved = { score: fractions(), id: each.id };
      const insertion = counter.measure(() => expect(tree.insert(moved)).toBe(true));
      all[index] = moved;
      return [removal, insertion];
    });
    for (const { visited } of works) expect(visited.size).toBeLessThanOrEqual(2 * depth);
    expect(mean(works.map(({ visited }) => visited.size))).toBeLessThan(depth + 0.5);
    expect(mean(works.map(({ scoresWritten }) => scoresWritten))).toBeLessThan(order);
  });

  test('the best 16 are read from the first leaves alone, without a search', () => {
    const work = counter.measure(() => takeBest(tree, 16));
    expect(work.visited.size).toBeLessThanOrEqual(Math.ceil(16 / minimumCount(order)));
    expect(work.scoresRead).toBe(16);
  });

  test('iterating visits each leaf, reads each entry once, and visits no branch', () => {
    const work = counter.measure(() => takeBest(tree, Infinity));
    expect(work.visited).toEqual(new Set(leavesOf(tree)));
    expect(work.scoresRead).toBe(size);
  });
});

describe('BTree', () => {
  test.each([1, -1])('fills leaves to seven eighths where entries come in sorted order, times %d', (direction) => {
    const tree = new BTree(64);
    for (let index = 0; index < 20_000; index++) tree.insert({ score: direction * index, id: 'a' });
    expect(tree.size / (leavesOf(tree).length * 64)).toBeGreaterThan(7 / 8);
  });

  test('keeps leaves seven tenths full while all is re-scored', () => {
    const { tree, all } = fill(new BTree(64), 20_000);
    const fractions = sampleFractions(3);
    for (const each of all) {
      tree.remove(each);
      tree.insert({ score: fractions(), id: each.id });
    }
    expect(tree.size / (leavesOf(tree).length * 64)).toBeGreaterThan(0.7);
  });
});

function leavesOf(tree: BTree): Leaf[] {
  let node: TreeNode = tree.root;
  while (node instanceof Branch) node = node.children[0]!;
  const leaves: Leaf[] = [];
  for (let leaf: Leaf | undefined = node; leaf !== undefined; leaf = leaf.next) leaves.push(leaf);
  return leaves;
}
