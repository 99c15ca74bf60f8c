import type { NeighbourPriority, NodeId, RankedNeighbour } from '../../../kernel/index.ts';
import { Branch, Leaf, type TreeNode } from './nodes.ts';

/**
 * A B+-tree: entries in linked leaves, separators in branches, all leaves at one depth (Bayer and McCreight 1972; Comer, "The
 * Ubiquitous B-Tree", 1979). Search visits one node a level, insert and remove now and then one beside it; the best are in the first leaf.
 */
export class BTree implements NeighbourPriority {
  readonly #order: number;
  readonly #first = new Leaf();
  #root: TreeNode = this.#first;
  #size = 0;

  /** `order`: most entries of a leaf and most children of a branch, 3 or more. */
  constructor(order: number) {
    if (!Number.isInteger(order) || order < 3) throw new RangeError(`the order of a B-tree is 3 or more, got ${order}`);
    this.#order = order;
  }

  get size(): number {
    return this.#size;
  }

  /** The node at the top, for tests and measurements that look at the shape. */
  get root(): TreeNode {
    return this.#root;
  }

  /** Levels from the root to the leaves, both counted. */
  get depth(): number {
    let depth = 1;
    for (let node = this.#root; node instanceof Branch; node = node.children[0] as TreeNode) depth++;
    return depth;
  }

  insert(neighbour: RankedNeighbour): boolean {
    const { score, id } = neighbour;
    if (!Number.isFinite(score)) throw new RangeError(`the score of ${id} is ${score}, not finite`);
    if (!this.#root.insert(neighbour, this.#order)) return false;
    if (this.#root.count > this.#order) {
      const split = this.#root.split();
      this.#root = new Branch([split.score], [split.id], [this.#root, split.right]);
    }
    this.#size++;
    return true;
  }

  remove(neighbour: RankedNeighbour): boolean {
    if (!this.#root.remove(neighbour, this.#order)) return false;
    if (this.#root instanceof Branch && this.#root.count === 1) this.#root = this.#root.children[0] as TreeNode;
    this.#size--;
    return true;
  }

  has(neighbour: RankedNeighbour): boolean {
    let node = this.#root;
    while (node instanceof Branch) node = node.children[node.childFor(neighbour)] as TreeNode;
    return node.has(neighbour);
  }

  [Symbol.iterator](): Iterator<RankedNeighbour> {
    return new LeafWalk(this.#first);
  }
}

/** Goes along the leaves; an entry is made when it is asked for. */
class LeafWalk implements Iterator<RankedNeighbour> {
  #leaf: Leaf | undefined;
  #at = 0;

  constructor(leaf: Leaf) {
    this.#leaf = leaf;
  }

  next(): IteratorResult<RankedNeighbour> {
    while (this.#leaf !== undefined && this.#at >= this.#leaf.count) {
      this.#leaf = this.#leaf.next;
      this.#at = 0;
    }
    if (this.#leaf === undefined) return { done: true, value: undefined };
    const at = this.#at++;
    return { done: false, value: { score: this.#leaf.scores[at] as number, id: this.#leaf.ids[at] as NodeId } };
  }
}
