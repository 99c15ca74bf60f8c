import { AvlTree } from '../../../src/plugins/neighbour-priority/inorder-binary-tree/avl-tree.ts';
import { PlainTree } from '../../../src/plugins/neighbour-priority/inorder-binary-tree/plain-tree.ts';
import { fill, mean, takeBest, WorkCounter } from './counted-work.ts';

const SAMPLES = 300;

/** A node's score is read twice where it differs: once to see that it does, once to see which way. */
const READS_PER_COMPARISON = 2;

const sizes = [300, 3_000, 30_000];
const trees = [
  // Knuth, The Art of Computer Programming 3, section 6.2.3, theorem A.
  { name: 'AvlTree', create: () => new AvlTree(), deepest: (size: number) => 1.4405 * Math.log2(size + 2) - 0.3277 },
  // Devroye 1986, for random order; sorted order makes it a list.
  { name: 'PlainTree', create: () => new PlainTree(), deepest: (size: number) => 4.311 * Math.log(size) },
];
const cases = trees.flatMap((tree) => sizes.map((size) => ({ ...tree, size })));

describe.each(cases)('$name with $size entries in random order', ({ create, deepest, size }) => {
  const { tree, all } = fill(create(), size);
  const samples = all.slice(0, SAMPLES);
  const depth = tree.depth;
  const counter = new WorkCounter();
  counter.watchBinaryTree(tree.root);

  test('is no deeper than theory says', () => {
    expect(depth).toBeLessThanOrEqual(deepest(size));
  });

  test('has visits one node a level, and compares once with each', () => {
    const works = samples.map((each) => counter.measure(() => expect(tree.has(each)).toBe(true)));
    for (const { visited, scoresRead } of works) {
      expect(visited.size).toBeLessThanOrEqual(depth);
      expect(scoresRead).toBeLessThanOrEqual(READS_PER_COMPARISON * visited.size);
    }
    expect(mean(works.map(({ visited }) => visited.size))).toBeLessThan(depth - 1);
  });

  test('insert and remove compare once a level, and balancing looks at few nodes more', () => {
    const works = samples.flatMap(({ score }) => {
      const added = { score, id: 'added' };
      return [
        counter.measure(() => expect(tree.insert(added)).toBe(true)),
        counter.measure(() => expect(tree.remove(added)).toBe(true)),
      ];
    });
    for (const { visited, scoresRead } of works) {
      expect(scoresRead).toBeLessThanOrEqual(READS_PER_COMPARISON * depth);
      expect(visited.size).toBeLessThanOrEqual(3 * depth);
    }
    expect(mean(works.map(({ visited }) => visited.size))).toBeLessThan(depth + 3);
  });

  test('the best 16 cost one way down and a few nodes for each', () => {
    const work = counter.measure(() => takeBest(tree, 16));
    expect(work.scoresRead).toBe(16);
    expect(work.visited.size).toBeLessThanOrEqual(2 * depth + 16);
  });

  test('iterating visits each node, and reads each entry once', () => {
    const work = counter.measure(() => takeBest(tree, Infinity));
    expect(work.visited.size).toBe(size);
    expect(work.scoresRead).toBe(size);
  });
});

test('an AvlTree is as shallow in sorted order as in any', () => {
  const tree = new AvlTree();
  for (let score = 0; score < 2 ** 15 - 1; score++) tree.insert({ score, id: 'a' });
  expect(tree.depth).toBe(15);
});
