import { z } from 'zod';
import { definePlugin } from '../../../kernel/index.ts';
import { BTree } from './b-tree.ts';

const options = z.strictObject({
  order: z
    .int()
    .min(4)
    .max(1_024)
    // At a million entries 32 to 128 change equally fast; below, the levels cost more, above, the moving does. 64 keeps memory low too.
    .default(64)
    .describe(
      'Most entries of a leaf and children of a branch. Larger: fewer levels, but more to move at each change.',
    ),
});

/** Neighbours in a B-tree, as the documented system keeps them. */
export const bTree = definePlugin({
  name: 'b-tree',
  kind: 'neighbourPriority',
  about: 'Neighbours in a B-tree, as documented: compact, fast at any number and in any order of insertion.',
  options,
  create: ({ order }) => new BTree(order),
  variants: [16, 64, 256].map((order) => ({ name: `order ${order}`, options: { order } })),
  inspect: (tree) => (tree instanceof BTree ? { depth: tree.depth } : {}),
});
