import { settingsSchema } from '../../../src/kernel/index.ts';
import { NeighbourTable } from '../../../src/node/overlay/neighbour-table.ts';
import { bTree, inorderBinaryTree } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { idOf } from './support/neighbour.ts';

describe.each([
  ['b-tree', () => createPlugin(bTree())],
  ['inorder-binary-tree', () => createPlugin(inorderBinaryTree())],
])('the neighbours in a %s', (_name, priority) => {
  const make = (rtts: Readonly<Record<number, number>>) => {
    const table = new NeighbourTable({ priority: priority(), settings: settingsSchema.parse({}) });
    for (const [number, rttMs] of Object.entries(rtts)) {
      table.update(idOf(Number(number)), { rttMs, own: undefined, theirs: undefined, load: 0 });
    }
    return table;
  };

  test('sort any of them as they stand in the order of all', () => {
    const table = make({ 1: 300, 2: 100, 3: 200, 4: 100, 5: 50 });
    expect(table.sort([1, 4, 2, 3].map(idOf))).toEqual([...table].filter((id) => id !== idOf(5)));
    expect(table.sort([1, 4, 2, 3].map(idOf))).toEqual([2, 4, 3, 1].map(idOf));
  });

  test('sort whoever is none of them last, in the order given, and each once', () => {
    const table = make({ 1: 300, 2: 100 });
    expect(table.sort([9, 1, 8, 2, 9, 1].map(idOf))).toEqual([2, 1, 9, 8].map(idOf));
    expect(table.sort([])).toEqual([]);
  });

  test('sort by the score that a neighbour has now', () => {
    const table = make({ 1: 300, 2: 100 });
    table.update(idOf(1), { rttMs: 10, own: undefined, theirs: undefined, load: 0 });
    expect(table.sort([2, 1].map(idOf))).toEqual([1, 2].map(idOf));
    table.remove(idOf(1));
    expect(table.sort([1, 2].map(idOf))).toEqual([2, 1].map(idOf));
  });
});
