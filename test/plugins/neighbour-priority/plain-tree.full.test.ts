import { PlainTree } from '../../../src/plugins/neighbour-priority/inorder-binary-tree/plain-tree.ts';

test('a PlainTree takes 100,000 neighbours in ascending order, though it becomes a list', () => {
  const tree = new PlainTree();
  const count = 100_000;
  for (let score = 0; score < count; score++) tree.insert({ score, id: 'a' });
  expect(tree.depth).toBe(count);
  expect(Array.from(tree, ({ score }) => score)).toEqual(Array.from({ length: count }, (_, index) => index));
}, 300_000);
