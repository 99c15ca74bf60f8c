import type { BenchContext } from '../bench.ts';
import { BEST } from './lifetime.ts';
import { LONGEST_SAMPLE_S, QUICK_SAMPLE_S } from './projection.ts';
import { SORTED_BTREE } from './subjects.ts';

/** How it was measured, for the report. */
export function methodOf({ quick, seed }: BenchContext, subjects: readonly string[]): string[] {
  return [
    'Every subject is driven through the contract that a node uses, a set of (score, id), in a process of its own. A sample is a whole life of a set: ' +
      `it is filled, asked for the best ${BEST} and for all, some of it is scored anew, it lives through heartbeats, and it is emptied in random order (of 1,000,000 one in ten is removed). ` +
      `The best ${BEST} are taken some thousand times, seven times over, and the median of the seven counts, since they take a millisecond. ` +
      'Small sets live many times in a sample. Subjects take turns, one sample each, in an order shuffled anew in every round; one process works at a time.',
    'Answers come before times. Each subject first gives the answers of a sorted array to some thousand random operations. In every sample that is timed, ' +
      'each insertion and removal must say that it did something, and the content is compared with what ought to be there, entry by entry and in order, ' +
      'when the set is full and again after the changes. A subject with a wrong answer is shown as failed and has no times.',
    `Scores and ids (32 hexadecimal digits) are drawn from the seed ${seed}, the same for all. Random, ascending and descending say in which order of score ` +
      'neighbours are inserted. Clustered scores are 1,024 different ones, inserted at random: with many neighbours most comparisons then go to the ids. ' +
      'An object is made for each call, as a node does, and its cost is in the times of all alike.',
    'Bytes are live bytes of the heap and of array buffers after a full collection, before the set is filled and after, divided by its entries; of small ' +
      'sets several are filled together. Counted is what the set keeps; the text of the ids belongs to the caller and is not.',
    'Medians are compared; the spread is from the first to the third quartile. The more neighbours, the fewer samples: 25 at most, at least 3, and ' +
      `at least 2 of 1,000,000; of a subject that is so slow that it uses up half the time for all, one may do. ` +
      `What, by the sizes before, would take more than ${quick ? QUICK_SAMPLE_S : LONGEST_SAMPLE_S} s in one sample is not run, and the time it would take is given. ` +
      'The sorted array becomes the same whatever the order of insertion; where filling it would take too long it is filled in ascending order, and the rest is measured.',
    ...(subjects.includes(SORTED_BTREE)
      ? []
      : ['The package sorted-btree is not installed, so it is not compared: npm install sorted-btree.']),
    ...(quick
      ? [
          'This was a quick run: it leaves out 1,000,000 neighbours, has 100,000 in random order only, and takes fewer samples.',
        ]
      : []),
  ];
}
