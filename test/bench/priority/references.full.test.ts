import sortedBTree from 'sorted-btree';
import { SortedArray } from '../../../src/bench/priority/sorted-array.ts';
import { SortedBTree } from '../../../src/bench/priority/sorted-btree.ts';
import { neighbourPriorityCompliance } from '../../../src/compliance/index.ts';
import { systemClock } from '../../../src/kit/index.ts';

const clock = systemClock();

// The bench checks each answer of them too, before it believes a time (verify.test.ts).
describe.each([
  { subject: 'the sorted array', create: () => new SortedArray(), balanced: false },
  { subject: 'sorted-btree', create: () => new SortedBTree(sortedBTree.default), balanced: true },
])('$subject', ({ create, balanced }) => {
  // References are spared the copy of each entry, so that they are measured at their best.
  const spared = 'keeps what was inserted when the caller changes the object';
  const cases = neighbourPriorityCompliance({ create, balanced, clock }).filter(({ name }) => name !== spared);
  for (const { name, run } of cases) test(name, run);
});
