import type { Logger, NodeId, NodeIndex } from '../../kernel/index.ts';
import type { FileStatement } from '../records.ts';
import type { FileFacts } from './file-facts.ts';
import { ownFileRow, statementToRow } from './file-rows.ts';
import type { ContentCheck } from './holding.ts';
import { IndexRows, type RowChange } from './index-rows.ts';
import type { ManifestTable } from './manifest-table.ts';
import { fileKey } from './statement-table.ts';

/** What this node said last of a (user, name). */
export interface OwnFile {
  readonly statement: FileStatement;
  /**
   * Of the file in the folder, as it was when its checksum was taken; `undefined` where the folder does not hold it.
   */
  readonly facts: FileFacts | undefined;
  /** Whether the content was written here: by the user or a RESTORE, and not by a transfer. */
  readonly local: boolean;
  /** Of what the folder holds. */
  readonly check: ContentCheck;
  /**
   * The highest counter this node gave to a version of the (user, name): never given twice, whatever the record is now.
   */
  readonly counter: number;
  /** Wall time of the statement, in ms. */
  readonly sinceMs: number;
}

/**
 * This node's own statements and what its folder holds, in memory and, somewhat later, in the index. Writes are
 * gathered: everything that changed while one batch was written goes into the next.
 */
export class OwnFileRows {
  readonly #rows: IndexRows;
  readonly #manifests: ManifestTable;
  readonly #logger: Logger;
  readonly #files = new Map<string, OwnFile>();
  /** name -> what the folder holds under it. */
  readonly #holdings = new Map<string, OwnFile>();
  /** checksum -> how many files of the folder have it. */
  readonly #contents = new Map<string, number>();
  readonly #unwritten = new Set<string>();
  #writing: Promise<void> | undefined;

  /** @param options.manifests those of what the folder holds are retained there. */
  constructor(options: { readonly index: NodeIndex; readonly logger: Logger; readonly manifests: ManifestTable }) {
    this.#rows = new IndexRows(options.index, 'own-files');
    this.#manifests = options.manifests;
    this.#logger = options.logger;
  }

  /** Reads what an earlier run wrote; a manifest that is not there is made anew. Rejects with ERR_INDEX_DAMAGED where that is not possible. */
  async load(self: NodeId): Promise<void> {
    for (const [key, value] of await this.#rows.all()) {
      const row = ownFileRow.safeParse(value).data;
      if (
        row === undefined ||
        key !== fileKey(row.record.user, row.record.name) ||
        row.held !== (row.facts !== undefined || row.replica)
      ) {
        this.#logger.warn('index.row_ignored', { sublevel: 'own-files', key });
        this.#unwritten.add(key);
        continue;
      }
      const { incarnation, sequence, held, facts, local, check, counter, sinceMs } = row;
      const isDescribed = !held || this.#manifests.has(row.record.manifest);
      const record = isDescribed ? row.record : { ...row.record, manifest: '' };
      const said = { origin: self, incarnation, sequence, held, record };
      const statement = row.replica ? { ...said, replica: true } : said;
      this.#enter({ statement, facts, local, check, counter, sinceMs });
    }
  }

  get(user: string, name: string): OwnFile | undefined {
    return this.#files.get(fileKey(user, name));
  }

  /** What the folder holds under a name. */
  holding(name: string): OwnFile | undefined {
    return this.#holdings.get(name);
  }

  /** Whether the folder holds this content, under any name. */
  holdsContent(checksum: string): boolean {
    return this.#contents.has(checksum);
  }

  values(): Iterable<OwnFile> {
    return this.#files.values();
  }

  heldNames(): Iterable<string> {
    return this.#holdings.keys();
  }

  set(file: OwnFile): void {
    this.#unwritten.add(this.#enter(file));
  }

  delete(user: string, name: string): void {
    const key = fileKey(user, name);
    if (this.#holdings.get(name) === this.#files.get(key)) this.#holdings.delete(name);
    this.#release(this.#files.get(key));
    if (this.#files.delete(key)) this.#unwritten.add(key);
  }

  /**
   * Resolves when the index has everything up to now. Rejects where it cannot be written; what is missing is tried
   * again at the next call.
   */
  async flush(): Promise<void> {
    // A batch under way does not hold what changed since: its outcome concerns its own callers.
    await this.#writing?.catch(() => undefined);
    if (this.#writing === undefined && this.#unwritten.size > 0) {
      this.#writing = this.#write().finally(() => (this.#writing = undefined));
    }
    await this.#writing;
  }

  #enter(file: OwnFile): string {
    const { user, name } = file.statement.record;
    const key = fileKey(user, name);
    this.#retain(file);
    this.#release(this.#files.get(key));
    if (file.facts !== undefined) this.#holdings.set(name, file);
    else if (this.#holdings.get(name) === this.#files.get(key)) this.#holdings.delete(name);
    this.#files.set(key, file);
    return key;
  }

  /** Keeps the manifest of what the folder holds, and counts its content. */
  #retain({ facts, statement }: OwnFile): void {
    if (facts === undefined) return;
    const { checksum, manifest } = statement.record;
    this.#manifests.retain(manifest);
    this.#contents.set(checksum, (this.#contents.get(checksum) ?? 0) + 1);
  }

  #release(file: OwnFile | undefined): void {
    if (file?.facts === undefined) return;
    const { checksum, manifest } = file.statement.record;
    this.#manifests.release(manifest);
    const count = (this.#contents.get(checksum) ?? 0) - 1;
    if (count > 0) this.#contents.set(checksum, count);
    else this.#contents.delete(checksum);
  }

  /** A row never names a manifest that is not on disk. */
  async #write(): Promise<void> {
    const keys = [...this.#unwritten];
    this.#unwritten.clear();
    try {
      await this.#manifests.save();
      await this.#rows.write(keys.map((key) => this.#change(key)));
      await this.#manifests.prune();
    } catch (error) {
      for (const key of keys) this.#unwritten.add(key);
      throw error;
    }
  }

  #change(key: string): RowChange {
    const file = this.#files.get(key);
    if (file === undefined) return [key, undefined];
    const { statement, facts, local, check, counter, sinceMs } = file;
    return [key, { ...statementToRow(statement), facts, local, check, counter, sinceMs }];
  }
}
