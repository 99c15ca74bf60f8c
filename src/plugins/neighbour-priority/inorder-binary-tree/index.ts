import { z } from 'zod';
import { definePlugin } from '../../../kernel/index.ts';
import { AvlTree } from './avl-tree.ts';
import { BinaryTree } from './binary-tree.ts';
import { PlainTree } from './plain-tree.ts';

const options = z.strictObject({
  balance: z
    .enum(['avl', 'none'])
    .default('avl')
    .describe("'avl' keeps the tree shallow; 'none' is the plain tree, which sorted insertion turns into a list."),
});

/** Neighbours in a binary tree, as the documented system's alternative: an in-order traversal gives them in order. */
export const inorderBinaryTree = definePlugin({
  name: 'inorder-binary-tree',
  kind: 'neighbourPriority',
  about: 'Neighbours in a binary tree read in order, the documented alternative to the B-tree; to compare the two.',
  options,
  create: ({ balance }) => (balance === 'avl' ? new AvlTree() : new PlainTree()),
  variants: [
    { name: 'balanced', options: { balance: 'avl' } },
    { name: 'plain', options: { balance: 'none' } },
  ],
  inspect: (tree) => (tree instanceof BinaryTree ? { depth: tree.depth } : {}),
});
