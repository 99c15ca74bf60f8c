import type { NeighbourPriority, NodeId, RankedNeighbour } from '../../../kernel/index.ts';
import { rebalance } from './avl.ts';
import { InOrderWalk } from './in-order-walk.ts';

/** One entry, in the node itself to save an object, and what is before and after it. */
export interface TreeNode extends RankedNeighbour {
  left: TreeNode | undefined;
  right: TreeNode | undefined;
  /** Nodes on the longest way down from here, this one included; kept only in a balanced tree. */
  height: number;
}

/** How the tree is kept from becoming a list: not at all, or by the rules of Adelson-Velsky and Landis. */
export type Balance = 'avl' | 'none';

/** A binary search tree: traversed in order, it gives the neighbours in order of priority. No call recurses, however deep it is. */
export class BinaryTree implements NeighbourPriority {
  readonly #balance: Balance;
  #root: TreeNode | undefined;
  #size = 0;

  constructor(balance: Balance) {
    this.#balance = balance;
  }

  get size(): number {
    return this.#size;
  }

  /** The node at the top, for tests and measurements that look at the shape. */
  get root(): TreeNode | undefined {
    return this.#root;
  }

  insert({ score, id }: RankedNeighbour): boolean {
    if (!Number.isFinite(score)) throw new RangeError(`the score of ${id} is ${score}, not finite`);
    const path = this.#pathTo(score, id);
    const parent = path.at(-1);
    const node: TreeNode = { score, id, left: undefined, right: undefined, height: 1 };
    if (parent === undefined) this.#root = node;
    else {
      const order = compare(score, id, parent);
      if (order === 0) return false;
      if (order < 0) parent.left = node;
      else parent.right = node;
    }
    this.#size++;
    this.#rebalance(path);
    return true;
  }

  remove({ score, id }: RankedNeighbour): boolean {
    const path = this.#pathTo(score, id);
    const node = path.at(-1);
    if (node === undefined || compare(score, id, node) !== 0) return false;
    path.pop();
    const depth = path.length;
    const replacement = this.#takeOut(node, path);
    this.#replaceChild(path[depth - 1], node, replacement);
    this.#size--;
    this.#rebalance(path);
    return true;
  }

  has({ score, id }: RankedNeighbour): boolean {
    let node = this.#root;
    while (node !== undefined) {
      const order = compare(score, id, node);
      if (order === 0) return true;
      node = order < 0 ? node.left : node.right;
    }
    return false;
  }

  [Symbol.iterator](): Iterator<RankedNeighbour> {
    return new InOrderWalk(this.#root);
  }

  /** The nodes from the root to the one that holds the entry, or to the one it would hang from. */
  #pathTo(score: number, id: NodeId): TreeNode[] {
    const path: TreeNode[] = [];
    let node = this.#root;
    while (node !== undefined) {
      path.push(node);
      const order = compare(score, id, node);
      if (order === 0) break;
      node = order < 0 ? node.left : node.right;
    }
    return path;
  }

  /**
   * What stands in the place of a node that goes: its only child, or its successor, which is taken from below. `path` leads to the node's
   * parent, and is made to lead to the lowest node whose subtree changed.
   */
  #takeOut(node: TreeNode, path: TreeNode[]): TreeNode | undefined {
    if (node.left === undefined) return node.right;
    if (node.right === undefined) return node.left;
    const place = path.length;
    let successor = node.right;
    let parent: TreeNode | undefined;
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

  #rebalance(path: TreeNode[]): void {
    if (this.#balance === 'none') return;
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const node = path[depth] as TreeNode;
      const before = node.height;
      const top = rebalance(node);
      if (top !== node) this.#replaceChild(path[depth - 1], node, top);
      else if (top.height === before) return;
    }
  }

  #replaceChild(parent: TreeNode | undefined, child: TreeNode, replacement: TreeNode | undefined): void {
    if (parent === undefined) this.#root = replacement;
    else if (parent.left === child) parent.left = replacement;
    else parent.right = replacement;
  }
}

/** As compareNeighbours orders them. */
function compare(score: number, id: NodeId, other: RankedNeighbour): number {
  if (score !== other.score) return score < other.score ? -1 : 1;
  if (id === other.id) return 0;
  return id < other.id ? -1 : 1;
}
