import type { RankedNeighbour } from '../../../kernel/index.ts';
import { rebalance, type AvlNode } from './avl.ts';
import { BinaryTree, compareWithNode, requireFinite } from './binary-tree.ts';

/** A tree in which the subtrees of any node differ in height by one at most: at most 1.44 log2(n) levels, whatever the order. */
export class AvlTree extends BinaryTree {
  #root: AvlNode | undefined;
  #size = 0;

  override get size(): number {
    return this.#size;
  }

  override get root(): AvlNode | undefined {
    return this.#root;
  }

  override insert(neighbour: RankedNeighbour): boolean {
    requireFinite(neighbour);
    const path: AvlNode[] = [];
    let order = 0;
    for (let node = this.#root; node !== undefined; node = order < 0 ? node.left : node.right) {
      order = compareWithNode(neighbour, node);
      if (order === 0) return false;
      path.push(node);
    }
    const added = { score: neighbour.score, id: neighbour.id, left: undefined, right: undefined, height: 1 };
    const parent = path.at(-1);
    if (parent === undefined) this.#root = added;
    else if (order < 0) parent.left = added;
    else parent.right = added;
    this.#size++;
    this.#rebalance(path);
    return true;
  }

  override remove(neighbour: RankedNeighbour): boolean {
    const path: AvlNode[] = [];
    let node = this.#root;
    while (node !== undefined) {
      const order = compareWithNode(neighbour, node);
      if (order === 0) break;
      path.push(node);
      node = order < 0 ? node.left : node.right;
    }
    if (node === undefined) return false;
    const parent = path.at(-1);
    this.#replaceChild(parent, node, takeOut(node, path));
    this.#size--;
    this.#rebalance(path);
    return true;
  }

  /** Goes up a path whose lowest node has a changed subtree, until a subtree is as high as it was. */
  #rebalance(path: readonly AvlNode[]): void {
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const node = path[depth] as AvlNode;
      const before = node.height;
      const top = rebalance(node);
      if (top !== node) this.#replaceChild(path[depth - 1], node, top);
      if (top.height === before) return;
    }
  }

  #replaceChild(parent: AvlNode | undefined, child: AvlNode, replacement: AvlNode | undefined): void {
    if (parent === undefined) this.#root = replacement;
    else if (parent.left === child) parent.left = replacement;
    else parent.right = replacement;
  }
}

/**
 * What stands in the place of a node that goes: its only child, or its successor, which is taken from below. `path` leads to the node's
 * parent, and is made to lead to the lowest node whose subtree changed.
 */
function takeOut(node: AvlNode, path: AvlNode[]): AvlNode | undefined {
  if (node.left === undefined) return node.right;
  if (node.right === undefined) return node.left;
  const place = path.length;
  let successor = node.right;
  let parent: AvlNode | undefined;
  while (successor.left !== undefined) {
    path.push(successor);
    parent = successor;
    successor = successor.left;
  }
  if (parent !== undefined) {
    parent.left = successor.right;
    successor.right = node.right;
  }
  successor.left = node.left;
  successor.height = node.height;
  path.splice(place, 0, successor);
  return successor;
}
