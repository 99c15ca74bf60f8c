import type { RankedNeighbour } from '../../../kernel/index.ts';
import { BinaryTree, compareWithNode, requireFinite, type TreeNode } from './binary-tree.ts';

/** The tree as it grows, never balanced: about 1.4 log2(n) steps deep on average in random order, n in sorted order. */
export class PlainTree extends BinaryTree {
  #root: TreeNode | undefined;
  #size = 0;

  override get size(): number {
    return this.#size;
  }

  override get root(): TreeNode | undefined {
    return this.#root;
  }

  override insert(neighbour: RankedNeighbour): boolean {
    requireFinite(neighbour);
    let parent: TreeNode | undefined;
    let order = 0;
    for (let node = this.#root; node !== undefined; node = order < 0 ? node.left : node.right) {
      order = compareWithNode(neighbour, node);
      if (order === 0) return false;
      parent = node;
    }
    const added = { score: neighbour.score, id: neighbour.id, left: undefined, right: undefined };
    if (parent === undefined) this.#root = added;
    else if (order < 0) parent.left = added;
    else parent.right = added;
    this.#size++;
    return true;
  }

  override remove(neighbour: RankedNeighbour): boolean {
    let parent: TreeNode | undefined;
    let node = this.#root;
    while (node !== undefined) {
      const order = compareWithNode(neighbour, node);
      if (order === 0) break;
      parent = node;
      node = order < 0 ? node.left : node.right;
    }
    if (node === undefined) return false;
    const replacement = takeOut(node);
    if (parent === undefined) this.#root = replacement;
    else if (parent.left === node) parent.left = replacement;
    else parent.right = replacement;
    this.#size--;
    return true;
  }
}

/** What stands in the place of a node that goes: its only child, or its successor, which is taken from below (Hibbard 1962). */
function takeOut(node: TreeNode): TreeNode | undefined {
  if (node.left === undefined) return node.right;
  if (node.right === undefined) return node.left;
  let successor = node.right;
  let parent = node;
  while (successor.left !== undefined) {
    parent = successor;
    successor = successor.left;
  }
  if (parent !== node) {
    parent.left = successor.right;
    successor.right = node.right;
  }
  successor.left = node.left;
  return successor;
}
