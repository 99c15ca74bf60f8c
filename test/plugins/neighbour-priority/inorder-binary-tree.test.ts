import fc from 'fast-check';
import { neighbourPriorityCompliance } from '../../../src/compliance/index.ts';
import { compareNeighbours } from '../../../src/kernel/index.ts';
import { systemClock } from '../../../src/kit/index.ts';
import { inorderBinaryTree } from '../../../src/plugins/index.ts';
import { BinaryTree, type TreeNode } from '../../../src/plugins/neighbour-priority/inorder-binary-tree/binary-tree.ts';
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

describe('BinaryTree', () => {
  test('keeps order and balance after any operation', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const tree = new BinaryTree('avl');
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
    expect(heightIfBalanced((tree as unknown as Pick<BinaryTree, 'root'>).root)).toBe(10);
  });

  test('without balance, becomes a list where scores come sorted', () => {
    const tree = new BinaryTree('none');
    for (let score = 0; score < 1_000; score++) tree.insert({ score, id: 'a' });
    let depth = 0;
    for (let node = tree.root; node !== undefined; node = node.right) depth++;
    expect(depth).toBe(1_000);
  });
});

/** The height of a subtree in which every node is in order and balanced, and knows its height; NaN for any other. */
function heightIfBalanced(node: TreeNode | undefined): number {
  if (node === undefined) return 0;
  const inOrder =
    (node.left === undefined || compareNeighbours(node.left, node) < 0) &&
    (node.right === undefined || compareNeighbours(node, node.right) < 0);
  const left = heightIfBalanced(node.left);
  const right = heightIfBalanced(node.right);
  const isSound = inOrder && Math.abs(left - right) <= 1 && node.height === 1 + Math.max(left, right);
  return isSound ? node.height : NaN;
}
