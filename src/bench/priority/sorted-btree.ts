import type sortedBTree from 'sorted-btree';
import { compareNeighbours, type NeighbourPriority, type RankedNeighbour } from '../../kernel/index.ts';

/**
 * The package `sorted-btree`, as a set with our order: what one would take if one did not write a tree. It keeps the objects it is given, as
 * it does for whoever uses it directly; a plugin has to copy them.
 */
export class SortedBTree implements NeighbourPriority {
  readonly #tree: sortedBTree.default<RankedNeighbour>;

  /** `Tree`: the class the package exports. */
  constructor(Tree: typeof sortedBTree.default) {
    this.#tree = new Tree<RankedNeighbour>(undefined, compareNeighbours);
  }

  get size(): number {
    return this.#tree.size;
  }

  insert(neighbour: RankedNeighbour): boolean {
    if (!Number.isFinite(neighbour.score)) throw new RangeError(`the score of ${neighbour.id} is not finite`);
    return this.#tree.set(neighbour, undefined, false);
  }

  remove(neighbour: RankedNeighbour): boolean {
    return this.#tree.delete(neighbour);
  }

  has(neighbour: RankedNeighbour): boolean {
    return this.#tree.has(neighbour);
  }

  [Symbol.iterator](): Iterator<RankedNeighbour> {
    return this.#tree.keys();
  }
}
