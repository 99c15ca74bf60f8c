import type { NeighbourPriority, RankedNeighbour } from '../../../kernel/index.ts';
import { InOrderWalk } from './in-order-walk.ts';

/** One entry, in the node itself to save an object, below it on the left what comes before and on the right what comes after. */
export interface TreeNode extends RankedNeighbour {
  left: TreeNode | undefined;
  right: TreeNode | undefined;
}

/** A binary search tree: traversed in order, it gives the neighbours in order of priority. No call recurses, however deep it is. */
export abstract class BinaryTree implements NeighbourPriority {
  abstract readonly size: number;

  /** The node at the top. */
  abstract readonly root: TreeNode | undefined;

  abstract insert(neighbour: RankedNeighbour): boolean;

  abstract remove(neighbour: RankedNeighbour): boolean;

  /** Levels, the root's counted; 0 where there is none. Visits every node. */
  get depth(): number {
    let depth = 0;
    let level = this.root === undefined ? [] : [this.root];
    for (; level.length > 0; depth++) {
      level = level.flatMap(({ left, right }) => [left, right].filter((node) => node !== undefined));
    }
    return depth;
  }

  has(neighbour: RankedNeighbour): boolean {
    let node = this.root;
    while (node !== undefined) {
      const order = compareWithNode(neighbour, node);
      if (order === 0) return true;
      node = order < 0 ? node.left : node.right;
    }
    return false;
  }

  [Symbol.iterator](): Iterator<RankedNeighbour> {
    return new InOrderWalk(this.root);
  }
}

/**
 * As compareNeighbours, of a neighbour and a node: negative where the neighbour comes first. Its own function since that one is handed
 * objects of many shapes, which makes it slow.
 */
export function compareWithNode({ score, id }: RankedNeighbour, node: TreeNode): number {
  if (score !== node.score) return score < node.score ? -1 : 1;
  if (id === node.id) return 0;
  return id < node.id ? -1 : 1;
}

/** Throws RangeError where a score is not finite: such a one has no place in the order. */
export function requireFinite({ score, id }: RankedNeighbour): void {
  if (!Number.isFinite(score)) throw new RangeError(`the score of ${id} is ${score}, not finite`);
}
