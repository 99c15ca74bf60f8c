import type { NodeId } from '../../kernel/index.ts';
import type { ListedFile } from '../api.ts';
import { compareRecency, compareVersions, moreRecent } from '../messages/version-vector.ts';
import type { FileRecord, FileStatement } from '../records.ts';

/** One content of one user's file that at least one of the folders looked at holds. */
export interface FileEntry {
  /** Where records with different versions stand for this content, the most recent. */
  readonly record: FileRecord;
  /** Whose folders hold it, ordered by id. */
  readonly holders: readonly NodeId[];
  /** Whether GET of the bare name takes this one: the most recent of the name, over all users. */
  readonly current: boolean;
  /** Whether another content of this user's file stands beside it, and neither version covers the other. */
  readonly conflict: boolean;
}

/**
 * What LIST shows of one name, given the statements of all folders that hold it: of each user's file the versions that
 * no other held one covers. Depends on the set of statements alone, never on their order. Most recent first.
 */
export function entriesOf(held: Iterable<FileStatement>): FileEntry[] {
  const users = new Map<string, FileStatement[]>();
  for (const statement of held) {
    const { user } = statement.record;
    const ofUser = users.get(user);
    if (ofUser === undefined) users.set(user, [statement]);
    else ofUser.push(statement);
  }
  const entries = [...users.values()].flatMap(entriesOfUser);
  entries.sort((a, b) => compareRecency(b.record, a.record));
  return entries.map((entry, index) => ({ ...entry, current: index === 0 }));
}

/** An entry as LIST answers it, with the holders in the order the caller gives them: best placed first. */
export function toListedFile(entry: FileEntry, holders: readonly NodeId[] = entry.holders): ListedFile {
  const { name, size, checksum, user, modifiedMs } = entry.record;
  const { current, conflict } = entry;
  return { name, size, checksum, user, modified: modifiedMs, holders, current, conflict };
}

function entriesOfUser(held: readonly FileStatement[]): Omit<FileEntry, 'current'>[] {
  // From the most recent on, a version can be covered only by one that was met before.
  const records = held.map(({ record }) => record).sort((a, b) => compareRecency(b, a));
  const maximal: FileRecord[] = [];
  for (const record of records) {
    if (!maximal.some((other) => standsFor(other, record))) maximal.push(record);
  }
  const contents = new Map<string, FileRecord>();
  for (const record of maximal) {
    const other = contents.get(record.checksum);
    if (other === undefined || moreRecent(record, other)) contents.set(record.checksum, record);
  }
  return [...contents.values()].map((record) => ({
    record: { ...record, manifest: manifestOf(record, held) },
    // A folder that holds the same content from before a change and its reversal serves it as well as any.
    holders: held
      .filter((statement) => statement.record.checksum === record.checksum)
      .map(({ origin }) => origin)
      .sort(),
    conflict: contents.size > 1,
  }));
}

/**
 * The manifest to fetch a content by: that of its writer, whose word it is, where he holds it; else one that a holder has, the same for all who
 * know the same. Holders that cut it otherwise, or know it from another version, cannot serve it, but for the bytes.
 */
function manifestOf(record: FileRecord, held: readonly FileStatement[]): string {
  const known = held.filter(
    ({ record: other }) =>
      other.manifest !== '' &&
      other.checksum === record.checksum &&
      other.writer === record.writer &&
      compareVersions(other.version, record.version) === 'equal',
  );
  const fromWriter = known.find(({ origin }) => origin === record.writer);
  return fromWriter?.record.manifest ?? known.map(({ record: { manifest } }) => manifest).sort()[0] ?? '';
}

function standsFor(other: FileRecord, record: FileRecord): boolean {
  const order = compareVersions(other.version, record.version);
  return order === 'covers' || (order === 'equal' && other.checksum === record.checksum);
}
