import type { TreeNode } from './binary-tree.ts';

/**
 * Restores the AVL rule at a node whose subtrees keep it, and differ in height by two at most: afterwards by one at most
 * (Adelson-Velsky and Landis 1962; Knuth, The Art of Computer Programming 3, section 6.2.3).
 *
 * @returns the node that now stands at the top of the subtree.
 */
export function rebalance(node: TreeNode): TreeNode {
  const lean = heightOf(node.left) - heightOf(node.right);
  if (lean > 1) {
    const left = node.left as TreeNode;
    if (heightOf(left.left) < heightOf(left.right)) node.left = rotateLeft(left);
    return rotateRight(node);
  }
  if (lean < -1) {
    const right = node.right as TreeNode;
    if (heightOf(right.right) < heightOf(right.left)) node.right = rotateRight(right);
    return rotateLeft(node);
  }
  measure(node);
  return node;
}

function rotateRight(node: TreeNode): TreeNode {
  const top = node.left as TreeNode;
  node.left = top.right;
  top.right = node;
  measure(node);
  measure(top);
  return top;
}

function rotateLeft(node: TreeNode): TreeNode {
  const top = node.right as TreeNode;
  node.right = top.left;
  top.left = node;
  measure(node);
  measure(top);
  return top;
}

function measure(node: TreeNode): void {
  node.height = 1 + Math.max(heightOf(node.left), heightOf(node.right));
}

function heightOf(node: TreeNode | undefined): number {
  return node === undefined ? 0 : node.height;
}
