import type { NodeId, Settings, Timer } from '../../kernel/index.ts';
import { compareVersions } from '../messages/version-vector.ts';
import type { RecordPool } from '../record-pool.ts';
import type { FileRecord, FileStatement } from '../records.ts';
import { entriesOf, type FileEntry } from './file-entries.ts';
import { OwnFiles, type OwnFilesOptions } from './own-files.ts';
import { compareStamps } from './stamp.ts';
import { DEFAULT_STATEMENT_LIMITS, StatementTable, type Holdings, type StatementLimits } from './statement-table.ts';

export interface FileIndexOptions extends OwnFilesOptions {
  readonly settings: Pick<Settings, 'tombstoneMs'>;
  /** Whether another node is there now; what the folders of absent ones hold is not listed. */
  isLive(id: NodeId): boolean;
  readonly limits?: StatementLimits | undefined;
  readonly pool?: RecordPool | undefined;
}

/** Longest time between two looks for what is to be forgotten. */
const MAX_SWEEP_MS = 60 * 60 * 1000;

/**
 * What all nodes say of files: which there are, in which versions, and whose folders hold them. This node's own part is
 * kept in the index on disk, so that a restart knows the folder without hashing it again; the others tell theirs anew.
 */
export class FileIndex {
  /** What this node's folder holds, and what it says of that. */
  readonly own: OwnFiles;
  readonly #options: FileIndexOptions;
  readonly #table: StatementTable;
  #sweepTimer: Timer | undefined;
  #isClosed = false;

  constructor(options: FileIndexOptions) {
    this.#options = options;
    this.#table = new StatementTable(options.limits ?? DEFAULT_STATEMENT_LIMITS, options.self.id);
    this.own = new OwnFiles(options, this.#table);
  }

  /** Reads this node's own part from the index on disk. Before everything else. Rejects with ERR_INDEX_DAMAGED. */
  async open(): Promise<void> {
    await this.own.open();
    this.#sweep();
  }

  /** Writes what is not yet written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sweepTimer?.cancel();
    await this.own.flush();
  }

  /**
   * Takes in what a node says.
   *
   * @returns whether it is news, to be passed on: no stamp of its origin on this (user, name) as high was known. What
   * others repeat of this node itself is never news; where it is wrong, this node says so itself.
   * @throws ERR_LIMIT where the origin, or all nodes together, tell of more files than are kept.
   */
  apply(statement: FileStatement): boolean {
    const { origin, held, record } = statement;
    if (origin === this.#options.self.id) {
      this.own.correct(statement);
      return false;
    }
    const known = this.#table.get(origin, record.user, record.name);
    if (known !== undefined && compareStamps(statement, known) <= 0) return false;
    const sinceMs = this.#since(record);
    if (!held && sinceMs < this.#forgetBefore()) {
      this.#table.delete(origin, record.user, record.name);
      return known !== undefined;
    }
    this.#table.put(this.#options.pool?.statement(statement) ?? statement, sinceMs);
    this.own.reclaimCounter(record);
    return true;
  }

  /** Everything an origin says, withdrawals included: what is told to a node that joins. */
  statementsOf(origin: NodeId): FileStatement[] {
    return [...this.#table.ofOrigin(origin)];
  }

  ownStatements(): FileStatement[] {
    return this.statementsOf(this.#options.self.id);
  }

  /** How much an origin holds, by its own word. */
  holdingsOf(origin: NodeId): Holdings {
    return this.#table.holdings(origin);
  }

  /** Forgets what another node said: it is gone for good. What it says later is news again. */
  forget(origin: NodeId): void {
    for (const { record } of this.statementsOf(origin)) this.#table.delete(origin, record.user, record.name);
  }

  /** What LIST shows, ordered by name, of each name the most recent first. */
  list(): FileEntry[] {
    return [...this.#table.names()].sort().flatMap((name) => this.entries(name));
  }

  /** What LIST shows of one name, the most recent first. */
  entries(name: string): FileEntry[] {
    return entriesOf([...this.#table.ofName(name)].filter((statement) => this.#counts(statement)));
  }

  /**
   * What `GET query` means: a file of exactly that name, the most recent over all users; else `name@user`, split at the
   * last '@'.
   */
  find(query: string): FileEntry | undefined {
    const [exact] = this.entries(query);
    if (exact !== undefined) return exact;
    const at = query.lastIndexOf('@');
    if (at === -1) return undefined;
    return this.entries(query.slice(0, at)).find(({ record }) => record.user === query.slice(at + 1));
  }

  /**
   * The live nodes, this one included, whose folders hold this content under this name, whoever's file it is to them;
   * ordered by id.
   */
  holdersOf({ name, checksum }: Pick<FileRecord, 'name' | 'checksum'>): NodeId[] {
    const holders = new Set<NodeId>();
    for (const statement of this.#table.ofName(name)) {
      if (statement.record.checksum === checksum && this.#counts(statement)) holders.add(statement.origin);
    }
    return [...holders].sort();
  }

  /** The live nodes that are fetching this content, in the same pieces, and have some of them; ordered by id. */
  fetchersOf({ name, checksum, manifest }: Pick<FileRecord, 'name' | 'checksum' | 'manifest'>): NodeId[] {
    const isFetching = ({ held, origin, part, record }: FileStatement) =>
      part === true && !held && record.checksum === checksum && record.manifest === manifest && this.#isLive(origin);
    const fetchers = [...this.#table.ofName(name)].filter(isFetching).map(({ origin }) => origin);
    return [...new Set(fetchers)].sort();
  }

  /** Of the live nodes that hold a content, those that hold it as a replica; ordered by id. */
  keepersOf({ name, checksum }: Pick<FileRecord, 'name' | 'checksum'>): NodeId[] {
    const keepers = [...this.#table.ofName(name)].filter(
      (statement) => statement.replica === true && statement.record.checksum === checksum && this.#counts(statement),
    );
    return [...new Set(keepers.map(({ origin }) => origin))].sort();
  }

  /** Whether a later version of the user's file is known, a deletion included, wherever it is. */
  isOutdated({ name, user, version }: Pick<FileRecord, 'name' | 'user' | 'version'>): boolean {
    for (const { record } of this.#table.ofName(name)) {
      if (record.user === user && compareVersions(record.version, version) === 'covers') return true;
    }
    return false;
  }

  /** The names of all files that anything is known of. */
  names(): Iterable<string> {
    return this.#table.names();
  }

  /** Whether a statement makes a line of LIST: a folder that is there holds a content, which a deletion is not. */
  #counts({ held, origin, record }: FileStatement): boolean {
    return held && record.checksum !== '' && (origin === this.#options.self.id || this.#isLive(origin));
  }

  #isLive(origin: NodeId): boolean {
    return this.#options.isLive(origin);
  }

  /** When it was heard, but of a deletion when it was made: a late repetition does not make it young again. */
  #since({ checksum, modifiedMs }: FileRecord): number {
    const now = this.#options.clock.wallTime();
    return checksum === '' ? Math.min(now, modifiedMs) : now;
  }

  #forgetBefore(): number {
    return this.#options.clock.wallTime() - this.#options.settings.tombstoneMs;
  }

  #sweep(): void {
    const { clock, self, settings } = this.#options;
    for (const { origin, record } of this.#table.releasedBefore(this.#forgetBefore())) {
      this.#table.delete(origin, record.user, record.name);
      if (origin === self.id) this.own.forget(record);
    }
    if (this.#isClosed) return;
    this.#sweepTimer = clock.setTimer(Math.min(settings.tombstoneMs, MAX_SWEEP_MS), () => this.#sweep());
  }
}
