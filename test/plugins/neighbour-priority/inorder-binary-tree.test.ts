import fc from 'fast-check';
import { neighbourPriorityCompliance } from '../../../src/compliance/index.ts';
import { sampleFractions } from '../../../src/compliance/sample-numbers.ts';
import { compareNeighbours } from '../../../src/kernel/index.ts';
import { systemClock } from '../../../src/kit/index.ts';
import { inorderBinaryTree } from '../../../src/plugins/index.ts';
import type { AvlNode } from '../../../src/plugins/neighbour-priority/inorder-binary-tree/avl.ts';
import { AvlTree } from '../../../src/plugins/neighbour-priority/inorder-binary-tree/avl-tree.ts';
import { PlainTree } from '../../../src/plugins/neighbour-priority/inorder-binary-tree/plain-tree.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { operations } from './operations.ts';

describe.each(['avl', 'none'] as const)('inorder-binary-tree with balance %s', (balance) => {
  const cases = neighbourPriorityCompliance({
    create: () => createPlugin(inorderBinaryTree({ balance })),
    balanced: balance === 'avl',
    clock: systemClock(),
  });
  for (const { name, run } of cases) test(name, run);
});

describe('AvlTree', () => {
  test('keeps order and balance after any operation', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const tree = new AvlTree();
        for (const { insert, neighbour } of steps) {
          if (insert) tree.insert(neighbour);
          else tree.remove(neighbour);
          expect(heightIfBalanced(tree.root)).not.toBeNaN();
        }
      }),
      { numRuns: 150 },
    );
  });

  test('is balanced unless told otherwise', () => {
    const tree = createPlugin(inorderBinaryTree());
    for (let score = 0; score < 1_023; score++) tree.insert({ score, id: 'a' });
    expect(heightIfBalanced((tree as unknown as Pick<AvlTree, 'root'>).root)).toBe(10);
  });
});

describe('PlainTree', () => {
  test('becomes a list where scores come sorted', () => {
    const tree = new PlainTree();
    for (let score = 0; score < 1_000; score++) tree.insert({ score, id: 'a' });
    expect(tree.depth).toBe(1_000);
  });

  test('is about as deep as theory says where scores come at random', () => {
    const tree = new PlainTree();
    const fractions = sampleFractions(1);
    for (let index = 0; index < 10_000; index++) tree.insert({ score: fractions(), id: 'a' });
    // Devroye 1986: 4.31 ln(n) for large n, which is 39.7, and less for small.
    expect(tree.depth).toBeGreaterThan(20);
    expect(tree.depth).toBeLessThan(40);
  });

  test('works 100,000 levels deep', () => {
    const tree = new PlainTree();
    const depth = 100_000;
    tree.insert({ score: depth, id: 'a' });
    // What as many inserts in descending order would make, which take seconds.
    let node = tree.root!;
    for (let score = depth - 1; score > 0; score--) {
      node.left = { score, id: 'a', left: undefined, right: undefined };
      node = node.left;
    }
    expect(tree.depth).toBe(depth);
    expect(tree.insert({ score: 0, id: 'a' })).toBe(true);
    expect(tree.has({ score: 0, id: 'a' })).toBe(true);
    expect(tree[Symbol.iterator]().next().value).toEqual({ score: 0, id: 'a' });
    expect([...tree]).toHaveLength(depth + 1);
    expect(tree.remove({ score: 1, id: 'a' })).toBe(true);
    expect(tree.depth).toBe(depth);
  });
});

/** The height of a subtree in which every node is in order and balanced, and knows its height; NaN for any other. */
function heightIfBalanced(node: AvlNode | undefined): number {
  if (node === undefined) return 0;
  const inOrder =
    (node.left === undefined || compareNeighbours(node.left, node) < 0) &&
    (node.right === undefined || compareNeighbours(node, node.right) < 0);
  const left = heightIfBalanced(node.left);
  const right = heightIfBalanced(node.right);
  const isSound = inOrder && Math.abs(left - right) <= 1 && node.height === 1 + Math.max(left, right);
  return isSound ? node.height : NaN;
}
