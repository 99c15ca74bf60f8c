import { errorCode, type NeighbourPriority } from '../../kernel/index.ts';
import type { BenchSetting } from '../bench.ts';
import { importOptional } from '../optional-package.ts';
import { pluginSubjects } from '../plugin-subjects.ts';
import { SortedArray } from './sorted-array.ts';
import { SortedBTree } from './sorted-btree.ts';

/** A way to keep neighbours in order, made anew for each measurement. */
export interface PrioritySubject {
  readonly name: string;
  create(): NeighbourPriority;
  /** Figures on the inside of an instance, where the plugin tells any. */
  inspect(set: NeighbourPriority): Readonly<Record<string, number>>;
  /** Whether what it becomes depends on the order of insertion; if not, it may be filled in the fastest one. */
  readonly shapedByOrder: boolean;
}

/** Names of the references, which no plugin can have: theirs are in lower case and dashes. */
export const SORTED_ARRAY = 'sorted array';
export const SORTED_BTREE = 'sorted-btree (npm)';

const tellsNothing = () => ({});

/** The plugins of the setting and what they are measured against. Without the package of that name `sorted-btree` is not among them. */
export async function prioritySubjects(setting: BenchSetting): Promise<PrioritySubject[]> {
  const plugins = pluginSubjects('neighbourPriority', setting).map(({ name, definition, create }) => ({
    name,
    create,
    inspect: (set: NeighbourPriority) => definition.inspect?.(set) ?? {},
    shapedByOrder: true,
  }));
  const array = { name: SORTED_ARRAY, create: () => new SortedArray(), inspect: tellsNothing, shapedByOrder: false };
  const Tree = await sortedBTreeClass();
  if (Tree === undefined) return [...plugins, array];
  const btree = { name: SORTED_BTREE, create: () => new SortedBTree(Tree), inspect: tellsNothing, shapedByOrder: true };
  return [...plugins, btree, array];
}

async function sortedBTreeClass() {
  try {
    return (await importOptional('sorted-btree', () => import('sorted-btree'))).default.default;
  } catch (error) {
    if (errorCode(error) === 'ERR_NOT_INSTALLED') return undefined;
    throw error;
  }
}
