import { toError, type Clock, type Disk, type Logger, type NodeIndex } from '../../kernel/index.ts';
import { PARTIAL_DIRECTORY } from '../layout.ts';
import type { FileRecord } from '../records.ts';
import { partialRow, recordToRow } from './file-rows.ts';
import { IndexRows } from './index-rows.ts';
import type { ManifestTable } from './manifest-table.ts';

export interface PartialFilesOptions {
  readonly disk: Disk;
  readonly index: NodeIndex;
  readonly manifests: ManifestTable;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a crash and a restart leave of a file on its way in. */
interface Progress {
  readonly record: FileRecord;
  /** Pieces that are on disk for certain, as PieceSet.toBytes. */
  readonly held: Uint8Array;
  /** Wall time of the last piece, in ms. */
  readonly savedMs: number;
}

/** The place of one file on its way in, for whoever acquired it. */
export interface PartialPlace {
  readonly path: string;
  /** What was saved last, by this attempt or an earlier one; `undefined` where there was none. */
  readonly saved: Uint8Array | undefined;
  /** Writes down which pieces are on disk; all of them are synced. From the first time on the file is kept. */
  save(held: Uint8Array): Promise<void>;
  /** Lets go of the place, and keeps what was saved. Either this, `moved` or `remove`, once. */
  release(): Promise<void>;
  /** Lets go of the place, which the file has left for its name, and forgets what was saved. */
  moved(): Promise<void>;
  /** Lets go of the place, and removes the file, if it is still there, and all that was saved. */
  remove(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a partial file that nobody asks for again is kept, and how many: what they take is not the user's to use. */
const MAX_AGE_MS = 7 * DAY_MS;
const MAX_KEPT = 64;

/** The partial files under `.peerhold/partial/`: one for each manifest, which outlives a restart, and others that do not. */
export class PartialFiles {
  readonly #options: PartialFilesOptions;
  readonly #rows: IndexRows;
  /** Those that are kept, by the hash of their manifest, which each retains; the oldest first. */
  readonly #progress = new Map<string, Progress>();
  readonly #acquired = new Set<string>();
  #numbered = 0;

  constructor(options: PartialFilesOptions) {
    this.#options = options;
    this.#rows = new IndexRows(options.index, 'partials');
  }

  /** Reads what an earlier run kept. Rejects with ERR_INDEX_DAMAGED. */
  async load(): Promise<void> {
    const { clock, logger, manifests } = this.#options;
    const rows: [string, Progress][] = [];
    for (const [key, value] of await this.#rows.all()) {
      const row = partialRow.safeParse(value).data;
      const isUsable = row !== undefined && row.record.manifest === key && manifests.has(key);
      if (isUsable && row.savedMs >= clock.wallTime() - MAX_AGE_MS) {
        rows.push([key, { ...row, held: Buffer.from(row.held, 'base64') }]);
      } else {
        if (!isUsable) logger.warn('index.row_ignored', { sublevel: 'partials', key });
        await this.#rows.write([[key, undefined]]);
      }
    }
    rows.sort(([, a], [, b]) => a.savedMs - b.savedMs);
    for (const [hash, progress] of rows) this.#keep(hash, progress);
  }

  /** Removes files that cannot be gone on with, and rows without a file. Once what a crash cut off is finished. */
  async tidy(): Promise<void> {
    const { disk } = this.#options;
    await disk.makeDirectory(PARTIAL_DIRECTORY);
    const files = new Set<string>();
    for (const { name, kind } of await disk.list(PARTIAL_DIRECTORY)) {
      if (kind !== 'file') continue;
      if (this.#progress.has(name)) files.add(name);
      else await disk.remove(pathOf(name));
    }
    for (const hash of [...this.#progress.keys()]) if (!files.has(hash)) await this.#drop(hash);
    await this.#dropSurplus();
  }

  /** How many pieces of what a manifest describes are on disk. */
  savedPieces(hash: string): number {
    let pieces = 0;
    for (const byte of this.#progress.get(hash)?.held ?? []) {
      for (let bits = byte; bits > 0; bits >>>= 1) pieces += bits & 1;
    }
    return pieces;
  }

  /** Whether a restart would find what is on disk of a file, and go on with it. */
  isKept({ manifest }: Pick<FileRecord, 'manifest'>): boolean {
    return this.#progress.has(manifest);
  }

  /** The path of what is on disk of what a manifest describes; `undefined` where nothing is kept of it. */
  locate(hash: string): string | undefined {
    return this.#progress.has(hash) ? pathOf(hash) : undefined;
  }

  /** A place for a file without a manifest, which is not kept. Nothing is written down of it. */
  nextPath(): string {
    return pathOf(String(++this.#numbered));
  }

  /** The place for a file with a manifest that is in the table; one that is not kept where somebody has that place already. */
  acquire(record: FileRecord): PartialPlace {
    const { disk, manifests } = this.#options;
    const { manifest } = record;
    manifests.retain(manifest);
    if (this.#acquired.has(manifest)) {
      const path = this.nextPath();
      const remove = async () => {
        manifests.release(manifest);
        await disk.remove(path);
      };
      return { path, saved: undefined, save: async () => undefined, release: remove, moved: remove, remove };
    }
    this.#acquired.add(manifest);
    return {
      path: pathOf(manifest),
      saved: this.#progress.get(manifest)?.held,
      save: (held) => this.#save(record, held),
      release: async () => {
        manifests.release(manifest);
        this.#acquired.delete(manifest);
        await this.#dropSurplus();
      },
      moved: async () => {
        manifests.release(manifest);
        await this.#forget(manifest);
        this.#acquired.delete(manifest);
      },
      remove: async () => {
        manifests.release(manifest);
        await this.#drop(manifest);
        this.#acquired.delete(manifest);
      },
    };
  }

  /** Removes what is kept of other versions of a user's file, now that one is whole. */
  async dropOthers({ manifest, name, user }: FileRecord): Promise<void> {
    for (const [hash, { record }] of [...this.#progress]) {
      const isOther = hash !== manifest && record.name === name && record.user === user;
      if (isOther) await this.#dropIdle(hash);
    }
  }

  async #save(record: FileRecord, held: Uint8Array): Promise<void> {
    const progress = { record, held, savedMs: this.#options.clock.wallTime() };
    const row = { ...progress, record: recordToRow(record), held: Buffer.from(held).toString('base64') };
    // The manifest first: a row without it is of no use.
    await this.#options.manifests.save();
    await this.#rows.write([[record.manifest, row]]);
    this.#keep(record.manifest, progress);
  }

  #keep(hash: string, progress: Progress): void {
    if (!this.#progress.delete(hash)) this.#options.manifests.retain(hash);
    this.#progress.set(hash, progress);
  }

  async #drop(hash: string): Promise<void> {
    await this.#forget(hash);
    await this.#options.disk.remove(pathOf(hash)).catch((error: unknown) => this.#leave(hash, error));
  }

  async #forget(hash: string): Promise<void> {
    const { manifests } = this.#options;
    const wasKept = this.#progress.delete(hash);
    if (wasKept) manifests.release(hash);
    try {
      if (wasKept) await this.#rows.write([[hash, undefined]]);
      await manifests.prune();
    } catch (error) {
      this.#leave(hash, error);
    }
  }

  /** The next start finds what is left. */
  #leave(hash: string, error: unknown): void {
    this.#options.logger.warn('transfer.partial_not_removed', { manifest: hash, error: toError(error).message });
  }

  async #dropSurplus(): Promise<void> {
    const idle = [...this.#progress.keys()].filter((hash) => !this.#acquired.has(hash));
    for (const hash of idle.slice(0, Math.max(0, idle.length - MAX_KEPT))) await this.#dropIdle(hash);
  }

  /** Drops what nobody goes on with; whoever begins with it meanwhile gets another place. */
  async #dropIdle(hash: string): Promise<void> {
    if (this.#acquired.has(hash)) return;
    this.#acquired.add(hash);
    await this.#drop(hash);
    this.#acquired.delete(hash);
  }
}

function pathOf(name: string): string {
  return `${PARTIAL_DIRECTORY}/${name}`;
}
