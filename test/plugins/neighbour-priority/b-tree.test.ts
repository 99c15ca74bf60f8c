import fc from 'fast-check';
import { neighbourPriorityCompliance } from '../../../src/compliance/index.ts';
import { BTree } from '../../../src/plugins/neighbour-priority/b-tree/b-tree.ts';
import { Branch, Leaf, minimumCount, type TreeNode } from '../../../src/plugins/neighbour-priority/b-tree/nodes.ts';
import { bTree } from '../../../src/plugins/index.ts';
import { systemClock } from '../../../src/kit/index.ts';
import { compareNeighbours, type RankedNeighbour } from '../../../src/kernel/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { operations, type Operation } from './operations.ts';

describe('b-tree', () => {
  const cases = neighbourPriorityCompliance({
    create: () => createPlugin(bTree()),
    balanced: true,
    clock: systemClock(),
  });
  for (const { name, run } of cases) test(name, run);
});

describe('BTree', () => {
  test('keeps its invariants after any operation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 9 }), operations, (order, steps: Operation[]) => {
        const tree = new BTree(order);
        for (const { insert, neighbour } of steps) {
          if (insert) tree.insert(neighbour);
          else tree.remove(neighbour);
          expect(brokenInvariants(tree, order)).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('borrows from either side and joins with either side, down to one leaf', () => {
    const tree = new BTree(4);
    const all = Array.from({ length: 200 }, (_, index) => ({ score: index, id: 'a' }));
    for (const each of all) tree.insert(each);
    const outerFirst = all.map((_, index) => all[index % 2 === 0 ? index / 2 : all.length - (index + 1) / 2]!);
    for (const each of outerFirst) {
      expect(tree.remove(each)).toBe(true);
      expect(brokenInvariants(tree, 4)).toEqual([]);
    }
    expect(tree.root).toBeInstanceOf(Leaf);
  });

  test('has at most four levels for 100,000 entries of order 64', () => {
    const tree = new BTree(64);
    for (let index = 0; index < 100_000; index++) tree.insert({ score: (index * 7_919) % 100_003, id: 'a' });
    let levels = 1;
    for (let node = tree.root; node instanceof Branch; node = node.children[0]!) levels++;
    expect(levels).toBeLessThanOrEqual(4);
  });

  test.each([2, 3.5, NaN])('refuses the order %d', (order) => {
    expect(() => new BTree(order)).toThrow(RangeError);
  });
});

/** Checks fill, order, equal depth, separators and the chain of leaves; says what does not hold. */
function brokenInvariants(tree: BTree, order: number): string[] {
  const broken: string[] = [];
  const hold = (condition: boolean, what: string) => {
    if (!condition) broken.push(what);
  };
  const leaves: Leaf[] = [];
  const check = (node: TreeNode, least: RankedNeighbour | undefined, bound: RankedNeighbour | undefined): number => {
    const minimum = node !== tree.root ? minimumCount(order) : node instanceof Leaf ? 0 : 2;
    hold(node.count >= minimum && node.count <= order, `a node has ${node.count} of ${minimum} to ${order}`);
    hold(node.scores.length === node.ids.length, 'scores and ids differ in number');
    const keys = node.ids.map((id, index) => ({ score: node.scores[index]!, id }));
    const rising = [least, ...keys, bound].filter((key) => key !== undefined);
    for (const [index, key] of rising.slice(1).entries()) {
      const order = compareNeighbours(rising[index]!, key);
      hold(order < 0 || (order === 0 && rising[index] === least), `keys out of order at ${index}`);
    }
    if (node instanceof Leaf) {
      leaves.push(node);
      return 1;
    }
    hold(keys.length === node.children.length - 1, 'separators and children do not fit');
    const depths = node.children.map((child, index) => check(child, keys[index - 1] ?? least, keys[index] ?? bound));
    hold(new Set(depths).size === 1, `children of different depths: ${depths.join()}`);
    return depths[0]! + 1;
  };
  check(tree.root, undefined, undefined);
  for (const [index, leaf] of leaves.entries()) hold(leaf.next === leaves[index + 1], `leaf ${index} leads elsewhere`);
  const entries = leaves.reduce((sum, leaf) => sum + leaf.count, 0);
  hold(tree.size === entries, `size ${tree.size}, but ${entries} entries`);
  return broken;
}
