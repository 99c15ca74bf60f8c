import { sampleFractions } from '../../../src/compliance/sample-numbers.ts';
import type { NeighbourPriority, RankedNeighbour } from '../../../src/kernel/index.ts';
import { Branch, type TreeNode as BTreeNode } from '../../../src/plugins/neighbour-priority/b-tree/nodes.ts';
import type { TreeNode as BinaryNode } from '../../../src/plugins/neighbour-priority/inorder-binary-tree/binary-tree.ts';

/** What an operation did, in counts that are the same on every machine. */
export class Work {
  /** Nodes of which anything was read. */
  readonly visited = new Set<object>();
  /** Scores read from nodes: one a comparison, or one an entry handed out. */
  scoresRead = 0;
  /** Scores written to nodes: entries put in and entries moved. */
  scoresWritten = 0;
}

/** Counts what is done to the nodes of a tree, from outside: the trees themselves count nothing. */
export class WorkCounter {
  readonly #seen = new WeakSet<object>();
  #work = new Work();

  measure(operation: () => unknown): Work {
    this.#work = new Work();
    operation();
    return this.#work;
  }

  /** Counts what is done to these nodes from now on, and to all below them; again for those that were made since. */
  watchBTree(root: BTreeNode): void {
    const ahead = [root];
    for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
      if (node instanceof Branch) ahead.push(...node.children);
      if (this.#seen.has(node)) continue;
      this.#seen.add(node);
      const scores = this.#watchScores(node.scores);
      const visit = this.#visit.bind(this, node);
      Object.defineProperty(node, 'scores', { get: () => (visit(), scores) });
    }
  }

  watchBinaryTree(root: BinaryNode | undefined): void {
    const ahead = [root];
    while (ahead.length > 0) {
      const node = ahead.pop();
      if (node === undefined) continue;
      ahead.push(node.left, node.right);
      for (const [key, initial] of Object.entries(node)) this.#watchField(node, key, initial);
    }
  }

  #watchField(node: object, key: string, initial: unknown): void {
    let value = initial;
    Object.defineProperty(node, key, {
      get: () => {
        this.#visit(node);
        if (key === 'score') this.#work.scoresRead++;
        return value;
      },
      set: (next: unknown) => {
        this.#visit(node);
        value = next;
      },
    });
  }

  #watchScores(scores: number[]): number[] {
    const isPosition = (key: string | symbol) => typeof key === 'string' && /^\d+$/.test(key);
    return new Proxy(scores, {
      get: (target, key, receiver) => {
        if (isPosition(key)) this.#work.scoresRead++;
        return Reflect.get(target, key, receiver) as unknown;
      },
      defineProperty: (target, key, descriptor) => {
        if (isPosition(key)) this.#work.scoresWritten++;
        return Reflect.defineProperty(target, key, descriptor);
      },
    });
  }

  #visit(node: object): void {
    this.#work.visited.add(node);
  }
}

/** A set of `size` neighbours of random scores, and the neighbours. */
export function fill<Tree extends NeighbourPriority>(tree: Tree, size: number): { tree: Tree; all: RankedNeighbour[] } {
  const fractions = sampleFractions(size);
  const all = Array.from({ length: size }, (_, index) => ({ score: fractions(), id: String(index) }));
  for (const each of all) tree.insert(each);
  return { tree, all };
}

/** Takes the first few of a set. */
export function takeBest(tree: NeighbourPriority, count: number): void {
  let taken = 0;
  for (const { id } of tree) if (id === '' || ++taken === count) return;
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}
