import type { Clock, NeighbourPriority } from '../../kernel/index.ts';
import { insertAll } from './lifetime.ts';
import type { Workload } from './workload.ts';

/** What is held in fewer entries than this is lost in what the engine allocates meanwhile; small sets are measured several at once. */
const LEAST_ENTRIES = 100_000;
/** A set that is slow to fill is measured fewer times at once; what is lost in them is little beside what they cost. */
const LONGEST_MS = 500;

/** Bytes that live in this process, on the heap and in array buffers outside it, when all garbage is gone; undefined where it cannot be collected. */
export function liveBytes(): number | undefined {
  if (globalThis.gc === undefined) return undefined;
  // Once more, since the first frees array buffers, and what refers to them, only after it.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Whether one set of that size can be measured by itself. */
export function isMeasuredAlone(size: number): boolean {
  return size >= LEAST_ENTRIES;
}

/**
 * Bytes that a set of the workload's neighbours takes for each, without the ids, which the caller holds too; of several sets of a small
 * size. Undefined where garbage cannot be collected.
 */
export function bytesPerEntry(create: () => NeighbourPriority, workload: Workload, clock: Clock): number | undefined {
  const most = Math.ceil(LEAST_ENTRIES / workload.size);
  const sets: (NeighbourPriority | undefined)[] = new Array<undefined>(most).fill(undefined);
  const before = liveBytes();
  if (before === undefined) return undefined;
  const started = clock.now();
  for (let index = 0; index < most && (index === 0 || clock.now() - started < LONGEST_MS); index++) {
    const set = (sets[index] = create());
    insertAll(set, workload);
  }
  const after = liveBytes() ?? NaN;
  // Read behind the measurement, so that the sets live until then.
  const entries = sets.reduce((sum, set) => sum + (set?.size ?? 0), 0);
  return (after - before) / entries;
}
