import type { RankedNeighbour } from '../../../kernel/index.ts';
import type { TreeNode } from './binary-tree.ts';

/** Left, node, right: with a stack of the nodes whose turn is still to come, so that no depth is too deep. */
export class InOrderWalk implements Iterator<RankedNeighbour> {
  readonly #ahead: TreeNode[] = [];

  constructor(root: TreeNode | undefined) {
    this.#descend(root);
  }

  next(): IteratorResult<RankedNeighbour> {
    const node = this.#ahead.pop();
    if (node === undefined) return { done: true, value: undefined };
    this.#descend(node.right);
    return { done: false, value: { score: node.score, id: node.id } };
  }

  #descend(from: TreeNode | undefined): void {
    for (let node = from; node !== undefined; node = node.left) this.#ahead.push(node);
  }
}
