import type { TreeNode } from './binary-tree.ts';

/** A node that knows how high it stands. */
export interface AvlNode extends TreeNode {
  left: AvlNode | undefined;
  right: AvlNode | undefined;
  /** Nodes on the longest way down from here, this one included. */
  height: number;
}

/**
 * Restores the AVL rule at a node whose subtrees keep it, and differ in height by two at most: afterwards by one at most
 * (Adelson-Velsky and Landis 1962; Knuth, The Art of Computer Programming 3, section 6.2.3).
 *
 * @returns the node that now stands at the top of the subtree.
 */
export function rebalance(node: AvlNode): AvlNode {
  const lean = heightOf(node.left) - heightOf(node.right);
  if (lean > 1) {
    const left = node.left as AvlNode;
    if (heightOf(left.left) < heightOf(left.right)) node.left = rotateLeft(left);
    return rotateRight(node);
  }
  if (lean < -1) {
    const right = node.right as AvlNode;
    if (heightOf(right.right) < heightOf(right.left)) node.right = rotateRight(right);
    return rotateLeft(node);
  }
  measure(node);
  return node;
}

function rotateRight(node: AvlNode): AvlNode {
  const top = node.left as AvlNode;
  node.left = top.right;
  top.right = node;
  measure(node);
  measure(top);
  return top;
}

function rotateLeft(node: AvlNode): AvlNode {
  const top = node.right as AvlNode;
  node.right = top.left;
  top.left = node;
  measure(node);
  measure(top);
  return top;
}

function measure(node: AvlNode): void {
  node.height = 1 + Math.max(heightOf(node.left), heightOf(node.right));
}

function heightOf(node: AvlNode | undefined): number {
  return node === undefined ? 0 : node.height;
}
