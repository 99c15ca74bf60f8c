import type { NodeId } from '../../kernel/index.ts';
import type { FileRecord, VersionVector } from '../records.ts';
import { MAX_COUNTER, MAX_WRITERS } from './limits.ts';

/** How one version stands to another: it has seen all the other's changes, none beyond them, or each has some of its own. */
export type VersionOrder = 'equal' | 'covers' | 'covered' | 'conflict';

/** How `a` stands to `b`. A writer that is not there counts 0. */
export function compareVersions(a: VersionVector, b: VersionVector): VersionOrder {
  const aHasMore = hasMore(a, b);
  const bHasMore = hasMore(b, a);
  if (aHasMore) return bHasMore ? 'conflict' : 'covers';
  return bHasMore ? 'covered' : 'equal';
}

/** The least version that covers both. */
export function mergeVersions(a: VersionVector, b: VersionVector): VersionVector {
  const merged = new Map(a);
  for (const [id, counter] of b) merged.set(id, Math.max(counter, merged.get(id) ?? 0));
  return merged;
}

/**
 * The version of a change of our own: covers all that were seen, with our counter raised by one. A vector that could no longer be sent is kept
 * within the limits: beyond MAX_WRITERS the others with the lowest counters are left out (what they wrote is then in conflict with the change,
 * not lost), and our counter stays at MAX_COUNTER once there. Only forged versions lead that far.
 */
export function incrementVersion(seen: Iterable<VersionVector>, own: NodeId): VersionVector {
  let merged: VersionVector = new Map();
  for (const version of seen) merged = mergeVersions(merged, version);
  const counter = Math.min((merged.get(own) ?? 0) + 1, MAX_COUNTER);
  const others = [...merged].filter(([id]) => id !== own);
  if (others.length >= MAX_WRITERS) others.sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]));
  return new Map([...others.slice(0, MAX_WRITERS - 1), [own, counter]]);
}

/** How many changes a version stands for. Exact: MAX_WRITERS times MAX_COUNTER is below 2^53. */
export function sumOfCounters(version: VersionVector): number {
  let sum = 0;
  for (const counter of version.values()) sum += counter;
  return sum;
}

/**
 * Orders records of one name from least to most recent, without a clock: a version that covers the other is the more recent; of two in
 * conflict the one with the higher sum of counters, then the greater checksum (as text). Since covering implies a higher sum, the sum and
 * then the checksum are the whole rule, and the order is a total one. Records that tie have the same content or are both deletions; the
 * greater user, then writer, then version text goes last, so that all nodes agree even then. 0 only for equal records.
 */
export function compareRecency(a: FileRecord, b: FileRecord): number {
  return (
    sumOfCounters(a.version) - sumOfCounters(b.version) ||
    compareText(a.checksum, b.checksum) ||
    compareText(a.user, b.user) ||
    compareText(a.writer, b.writer) ||
    compareText(versionText(a.version), versionText(b.version))
  );
}

/** Whether `a` is the more recent of two records of one name; see `compareRecency`. */
export function moreRecent(a: FileRecord, b: FileRecord): boolean {
  return compareRecency(a, b) > 0;
}

/** `id:counter,…` in the order of ids: what stands in messages, and the same for equal versions. */
export function versionText(version: VersionVector): string {
  return [...version]
    .sort(([a], [b]) => compareText(a, b))
    .map(([id, counter]) => `${id}:${counter}`)
    .join(',');
}

/** The version a text stands for; `undefined` where it is malformed, out of order, empty or beyond the limits. */
export function parseVersion(text: string): VersionVector | undefined {
  const entries = text.split(',', MAX_WRITERS + 1);
  if (entries.length > MAX_WRITERS) return undefined;
  const version = new Map<NodeId, number>();
  let previous = '';
  for (const entry of entries) {
    const [, id, digits] = /^([0-9a-f]{32}):([1-9]\d{0,12})$/.exec(entry) ?? [];
    const counter = Number(digits);
    if (id === undefined || id <= previous || counter > MAX_COUNTER) return undefined;
    version.set(id, counter);
    previous = id;
  }
  return version;
}

function hasMore(a: VersionVector, b: VersionVector): boolean {
  for (const [id, counter] of a) if (counter > (b.get(id) ?? 0)) return true;
  return false;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
