import {
  errorCode,
  toError,
  type Clock,
  type ErrorCode,
  type Logger,
  type NodeId,
  type NodeIndex,
} from '../../kernel/index.ts';
import { GatheredCalls } from '../../kit/gathered-calls.ts';
import { compareRecency, compareVersions, incrementVersion, mergeVersions } from '../messages/version-vector.ts';
import type { FileRecord, FileStatement } from '../records.ts';
import { sameFacts, type FileFacts } from './file-facts.ts';
import { heldAs, type Content, type Holding, type Origin } from './holding.ts';
import type { ManifestTable } from './manifest-table.ts';
import { OwnFileRows } from './own-file-rows.ts';
import { RecordManifests, canHaveManifest } from './record-manifests.ts';
import { compareStamps, type Stamp } from './stamp.ts';
import type { StatementTable } from './statement-table.ts';

export interface OwnFilesOptions {
  readonly self: { readonly id: NodeId; readonly user: string };
  readonly index: NodeIndex;
  readonly manifests: ManifestTable;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The next stamp of this node: higher than all before. */
  stamp(): Stamp;
  /** Hears each new statement of this node once, when the index on disk has it. */
  onStatement(statement: FileStatement): void;
  onWarning(code: ErrorCode, message: string): void;
}

/**
 * This node's own part of the FileIndex: what its folder holds, and what it says of that. Each change becomes a
 * statement in the table at once, a row on disk soon, and then an announcement.
 */
export class OwnFiles {
  readonly #options: OwnFilesOptions;
  readonly #table: StatementTable;
  readonly #rows: OwnFileRows;
  readonly #manifests: RecordManifests;
  /** Brings changes to disk and then to the others; what changes meanwhile goes with the next round. */
  readonly #announcements = new GatheredCalls((news: readonly (readonly FileStatement[])[]) => this.#tellAll(news));
  /** The last round that was asked for; never rejects. */
  #announcing: Promise<undefined> | undefined;
  #writeFailed = false;

  constructor(options: OwnFilesOptions, table: StatementTable) {
    this.#options = options;
    this.#table = table;
    this.#rows = new OwnFileRows(options);
    this.#manifests = new RecordManifests(options.manifests);
  }

  /** Reads what an earlier run knew. Before everything else. Rejects with ERR_INDEX_DAMAGED. */
  async open(): Promise<void> {
    await this.#rows.load(this.#options.self.id);
    for (const { statement, sinceMs } of this.#rows.values()) this.#table.put(statement, sinceMs);
  }

  /** Resolves when all changes up to now are on disk and announced; rejects where the index cannot be written. */
  async flush(): Promise<void> {
    await this.#announcing;
    await this.#rows.flush();
  }

  /** What the folder holds under a name. */
  holding(name: string): Holding | undefined {
    const own = this.#rows.holding(name);
    if (own?.facts === undefined) return undefined;
    return { record: own.statement.record, facts: own.facts, local: own.local, check: own.check };
  }

  /** Whether the folder holds this content, under any name. */
  holdsContent(checksum: string): boolean {
    return this.#rows.holdsContent(checksum);
  }

  /** Whether the folder holds a file under the name that has no manifest and could have one, and is not going to be read anyway. */
  lacksManifest(name: string): boolean {
    const held = this.holding(name);
    return held?.check === 'done' && held.record.manifest === '' && canHaveManifest(held.record.size);
  }

  /** The names the folder holds something under. */
  heldNames(): Iterable<string> {
    return this.#rows.heldNames();
  }

  /**
   * The folder holds this content under a name, and no node put it there: the user did. Where it is what was held
   * before (the file was only touched), what was held earlier, or another node's version of the user's own file,
   * nothing new was written and that record stays; else it is a new version by this node's user. So a changed file of
   * another user becomes this user's: the other one did not write it, and his version stays with those who hold it.
   *
   * @throws ERR_LIMIT where this node tells of too many files.
   */
  changed(name: string, content: Content): void {
    const holding = this.holding(name);
    const touched = holding?.record.checksum === content.checksum ? holding : undefined;
    const record = touched?.record ?? this.#knownRecord(name, content) ?? this.nextRecord(name, content);
    this.placed(record, content.facts, { local: touched?.local ?? true, pieces: content.pieces });
  }

  /**
   * The folder holds a record under its name: a node put it there. Nothing is announced where that was known.
   *
   * @throws ERR_LIMIT where this node tells of too many files.
   */
  placed(record: FileRecord, facts: FileFacts, { local, check = 'done', pieces }: Origin): void {
    const before = this.#rows.holding(record.name);
    const held = before?.statement.record;
    const last = this.#rows.get(record.user, record.name)?.statement.record;
    const isKnown = held?.user === record.user && compareRecency(held, record) === 0;
    if (held !== undefined && held.user !== record.user) this.#state(held, undefined);
    const isDescribed = isKnown && held.manifest !== '';
    const described = isDescribed ? held : this.#manifests.describe(record, pieces, [held, last]);
    if (before === undefined || !isKnown || described.manifest !== held.manifest) {
      this.#state(described, { facts, local, check });
      return;
    }
    if (!sameFacts(before.facts, facts) || before.check !== check) this.#rows.set({ ...before, facts, local, check });
    this.#announce();
  }

  /** The content of a file turned out to be another than its record says; what is to come of it follows. Nothing is announced. */
  failedCheck(name: string, record: FileRecord): void {
    const own = this.#rows.holding(name);
    if (own === undefined || compareRecency(own.statement.record, record) !== 0) return;
    this.#rows.set({ ...own, check: 'failed' });
    this.#announce();
  }

  /** The user removed a file: withdraws the holding, and says of a file of his own that it is deleted. */
  removed(name: string): void {
    const held = this.holding(name)?.record;
    if (held === undefined) return;
    const { id, user } = this.#options.self;
    if (held.user !== user) {
      this.#state(held, undefined);
      return;
    }
    const modifiedMs = Math.floor(this.#options.clock.wallTime());
    const version = this.#nextVersion(name);
    this.#state({ name, checksum: '', size: 0, modifiedMs, user, writer: id, version, manifest: '' }, undefined);
  }

  /** The folder no longer holds what it did under a name, but nobody deleted that: what is there now cannot be read. */
  unreadable(name: string): void {
    const held = this.holding(name)?.record;
    if (held !== undefined) this.#state(held, undefined);
  }

  /** The record of a change of a file by this node's user, without making it. */
  nextRecord(name: string, { checksum, facts }: Content): FileRecord {
    const { id, user } = this.#options.self;
    const modifiedMs = Math.floor(facts.modifiedMs);
    const version = this.#nextVersion(name);
    return { name, checksum, size: facts.size, modifiedMs, user, writer: id, version, manifest: '' };
  }

  /** Says that a part of a file can be had here, which is being fetched, or not any more. Not of a file the folder holds a version of. */
  fetching(record: FileRecord, isHere: boolean): void {
    const own = this.#rows.get(record.user, record.name);
    const isTold = own?.statement.part === true && own.statement.record.checksum === record.checksum;
    if (own?.facts === undefined && isTold !== isHere && own?.statement.replica !== true)
      this.#state(record, undefined, isHere ? { part: true } : {});
  }

  /**
   * Says that a replica of a record is kept here, or not any more. False, and nothing is said, where the folder holds a version of that file, or
   * this node said of a version what the record does not know of: a node says one thing of a (user, name).
   */
  keeping(record: FileRecord, isKept: boolean): boolean {
    const own = this.#rows.get(record.user, record.name);
    if (own?.facts !== undefined) return false;
    const said = this.replicaOf(record);
    const last = said === undefined ? own?.statement.record.version : undefined;
    if (isKept && last !== undefined && hasMore(last, record.version)) return false;
    if (isKept && said?.manifest !== record.manifest) this.#state(record, undefined, { replica: true });
    if (!isKept && said?.manifest === record.manifest) this.#state(record, undefined);
    return true;
  }

  /** The record of which this node says that it keeps a replica, of a user's file. */
  replicaOf({ user, name }: Pick<FileRecord, 'user' | 'name'>): FileRecord | undefined {
    const statement = this.#rows.get(user, name)?.statement;
    return statement?.replica === true ? statement.record : undefined;
  }

  /** All records of which this node says that it keeps a replica. */
  *replicas(): Generator<FileRecord> {
    for (const { statement } of this.#rows.values()) if (statement.replica === true) yield statement.record;
  }

  /** Others repeat what this node never said, or said before it lost its index: they are told how it is. */
  correct(heard: FileStatement): void {
    const own = this.#rows.get(heard.record.user, heard.record.name);
    if (own === undefined) {
      if (heard.held) this.#state(heard.record, undefined);
    } else if (compareStamps(heard, own.statement) > 0) {
      const { record, replica } = own.statement;
      this.#state(record, heldAs(own), replica === true ? { replica } : {});
      this.reclaimCounter(heard.record);
    }
  }

  /**
   * Somebody knows a change of this node that it does not know itself: it lost its index, or forgot a deletion.
   * Versions would then say that what it wrote since is older than what it wrote before, so it is stated again, above
   * that.
   */
  reclaimCounter({ user, name, checksum, version }: FileRecord): void {
    const { id, user: ownUser } = this.#options.self;
    const own = this.#rows.get(user, name);
    if (
      user !== ownUser ||
      own === undefined ||
      own.statement.replica === true ||
      (version.get(id) ?? 0) <= own.counter
    )
      return;
    const { record } = own.statement;
    const same = record.checksum === checksum;
    const raised = same ? mergeVersions(record.version, version) : incrementVersion([record.version, version], id);
    const next = { ...record, version: raised, manifest: '' };
    this.#state(own.facts === undefined ? next : this.#manifests.describe(next, undefined, [record]), heldAs(own));
  }

  /** Forgets a withdrawal or a deletion; the table no longer has it. */
  forget({ user, name }: FileRecord): void {
    this.#rows.delete(user, name);
    this.#announce();
  }

  /**
   * Covers what this node knew of the user's file when it was changed, with our counter above all that were ever seen.
   */
  #nextVersion(name: string): FileRecord['version'] {
    const { id, user } = this.#options.self;
    const own = this.#rows.get(user, name);
    let counter = own?.counter ?? 0;
    for (const { record } of this.#table.ofName(name)) {
      if (record.user === user) counter = Math.max(counter, record.version.get(id) ?? 0);
    }
    // What is kept for others the user has not seen.
    const seen = own?.statement.replica === true ? undefined : own?.statement.record.version;
    return incrementVersion([seen ?? new Map(), new Map([[id, counter]])], id);
  }

  /** The most recent record that a content under a name may go by without being a change. */
  #knownRecord(name: string, { checksum }: Content): FileRecord | undefined {
    const { id, user } = this.#options.self;
    const statement = this.#rows.get(user, name)?.statement;
    const last = statement?.replica === true ? undefined : statement?.record;
    let found: FileRecord | undefined;
    for (const { origin, record } of this.#table.ofName(name)) {
      if (record.checksum !== checksum || (record.user !== user && origin !== id)) continue;
      // What the user changed or deleted since is new when it comes back.
      const outdated = record.user === user && last !== undefined && isCovered(record, last);
      if (!outdated && (found === undefined || compareRecency(record, found) > 0)) found = record;
    }
    return found;
  }

  /** @param content of the folder, where it holds the record. @param also what else there is to say */
  #state(
    record: FileRecord,
    content: Omit<Holding, 'record'> | undefined,
    also: Pick<FileStatement, 'part' | 'replica'> = {},
  ): void {
    const { self, clock } = this.#options;
    const { incarnation, sequence } = this.#options.stamp();
    const held = content !== undefined || also.replica === true;
    const statement = { origin: self.id, incarnation, sequence, held, record, ...also };
    const sinceMs = clock.wallTime();
    const evicted = this.#table.put(statement, sinceMs)?.record;
    if (evicted !== undefined) this.#rows.delete(evicted.user, evicted.name);
    const given = this.#rows.get(record.user, record.name)?.counter ?? 0;
    const counter = Math.max(given, record.version.get(self.id) ?? 0);
    const { facts, local = false, check = 'done' } = content ?? {};
    this.#rows.set({ statement, facts, local, check, counter, sinceMs });
    this.#announce(statement);
  }

  #announce(...statements: readonly FileStatement[]): void {
    this.#announcing = this.#announcements.call(statements);
  }

  async #tellAll(news: readonly (readonly FileStatement[])[]): Promise<undefined[]> {
    await this.#write();
    for (const statements of news) for (const statement of statements) this.#tell(statement);
    return news.map(() => undefined);
  }

  #tell(statement: FileStatement): void {
    const { onStatement, logger } = this.#options;
    try {
      onStatement(statement);
    } catch (error) {
      // Others hear it with the next TIMN.
      logger.error('file.not_announced', { name: statement.record.name, error: toError(error).message });
    }
  }

  /**
   * Where the index cannot be written the node goes on, warned once: what is missing is written later, or hashed again
   * after a restart.
   */
  async #write(): Promise<void> {
    try {
      await this.#rows.flush();
      this.#writeFailed = false;
    } catch (error) {
      const message = `cannot write the index: ${toError(error).message}`;
      if (!this.#writeFailed) this.#options.onWarning(errorCode(error) ?? 'ERR_DISK', message);
      this.#writeFailed = true;
    }
  }
}

function hasMore(version: FileRecord['version'], than: FileRecord['version']): boolean {
  const order = compareVersions(version, than);
  return order === 'covers' || order === 'conflict';
}

function isCovered(record: FileRecord, by: FileRecord): boolean {
  return compareVersions(by.version, record.version) === 'covers';
}
