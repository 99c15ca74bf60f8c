import type { z } from 'zod';
import {
  KernelError,
  errorCode,
  toError,
  type Clock,
  type Disk,
  type Logger,
  type NodeIndex,
  type Settings,
  type Timer,
} from '../../kernel/index.ts';
import type { StoredVersion } from '../api.ts';
import { VERSIONS_DIRECTORY } from '../layout.ts';
import type { ContentHasher } from './content-hasher.ts';
import { factsOf, sameFacts } from './file-facts.ts';
import { versionRow } from './file-rows.ts';
import type { Holding } from './holding.ts';
import { IndexRows } from './index-rows.ts';

export interface VersionArchiveOptions {
  readonly disk: Disk;
  readonly index: NodeIndex;
  readonly contents: ContentHasher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'versionsKept' | 'versionsKeptMs'>;
  readonly self: { readonly user: string };
}

type VersionRow = z.output<typeof versionRow>;

/** Longest time between two looks for what is too old. */
const MAX_SWEEP_MS = 60 * 60 * 1000;

/** What the node replaced in the folder, under `.peerhold/versions/`, for as long and as many as the settings say. */
export class VersionArchive {
  readonly #options: VersionArchiveOptions;
  readonly #rows: IndexRows;
  readonly #versions = new Map<string, VersionRow>();
  /** The highest number given. */
  #last = 0;
  #sweepTimer: Timer | undefined;
  #sweeping: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: VersionArchiveOptions) {
    this.#options = options;
    this.#rows = new IndexRows(options.index, 'versions');
  }

  /** Reads what there is, finishes what a crash cut off and drops what is too old. After Placement has recovered. */
  async start(): Promise<void> {
    const { disk, logger } = this.#options;
    await disk.makeDirectory(VERSIONS_DIRECTORY);
    const files = new Set((await disk.list(VERSIONS_DIRECTORY)).map(({ name }) => name));
    for (const [version, value] of await this.#rows.all()) {
      const row = versionRow.safeParse(value).data;
      if (row === undefined || !files.has(version)) await this.#rows.write([[version, undefined]]);
      else this.#versions.set(version, row);
    }
    for (const version of [...files, ...this.#versions.keys()]) this.#last = Math.max(this.#last, Number(version) || 0);
    for (const [version, row] of [...this.#versions]) {
      if (!row.kept) await this.#finishTaking(version, row);
    }
    for (const file of files) if (!this.#versions.has(file)) logger.warn('versions.unknown_file', { file });
    this.#startSweep();
    await this.#sweeping;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sweepTimer?.cancel();
    await this.#sweeping;
  }

  /** The versions of one name, or of all, the newest first. */
  list(name?: string): StoredVersion[] {
    return [...this.#versions]
      .filter(([, row]) => row.kept && (name === undefined || row.name === name))
      .map(([version, { name, size, checksum, user, replaced }]) => ({ version, name, size, checksum, user, replaced }))
      .sort((a, b) => Number(b.version) - Number(a.version));
  }

  get(version: string): StoredVersion {
    const found = this.list().find((each) => each.version === version);
    if (found === undefined)
      throw new KernelError('ERR_NO_SUCH_VERSION', `there is no version ${JSON.stringify(version)}`);
    return found;
  }

  path(version: string): string {
    return `${VERSIONS_DIRECTORY}/${version}`;
  }

  /**
   * Moves the file that has this name away, whatever it holds.
   *
   * @param holding what the index knows of it.
   * @returns the version's number; `undefined` where the file went by itself.
   */
  async take(name: string, holding: Holding | undefined): Promise<string | undefined> {
    const { disk, clock, self } = this.#options;
    const before = factsOf(await disk.stat(name));
    if (before === undefined) return undefined;
    const version = String(++this.#last);
    const known = sameFacts(before, holding?.facts) ? holding : undefined;
    const { checksum = '', user = self.user } = known?.record ?? {};
    // What the index does not know yet, somebody just wrote here.
    const local = known?.local ?? true;
    const row = { name, size: before.size, checksum, user, local, replaced: clock.wallTime(), kept: false };
    await this.#rows.write([[version, row]], { durably: true });
    try {
      await disk.rename(name, this.path(version), { replace: false });
    } catch (error) {
      await this.#rows.write([[version, undefined]]);
      if (errorCode(error) === 'ERR_NOT_FOUND') return undefined;
      throw error;
    }
    // It may have been written to at the last moment: then it is another content that was kept.
    const moved = sameFacts(before, factsOf(await disk.stat(this.path(version))));
    this.#versions.set(version, moved ? row : { ...row, checksum: '' });
    return version;
  }

  /** Puts back what was taken, where nothing has the name meanwhile; else it stays a version. */
  async putBack(version: string): Promise<void> {
    const row = this.#versions.get(version);
    if (row === undefined) return;
    try {
      await this.#options.disk.rename(this.path(version), row.name, { replace: false });
    } catch (error) {
      this.#options.logger.warn('versions.not_put_back', { version, name: row.name, error: toError(error).message });
      return this.settle(version);
    }
    await this.#dropRow(version);
  }

  /** What was taken stays: makes it a version that can be listed, with its checksum. */
  async settle(version: string): Promise<void> {
    const { contents, logger } = this.#options;
    const row = this.#versions.get(version);
    if (row === undefined) return;
    let kept = { ...row, kept: true };
    if (row.checksum === '') {
      try {
        const { checksum, facts } = await contents.hashFile(this.path(version));
        kept = { ...kept, checksum, size: facts.size };
      } catch (error) {
        // The file is safe where it is; RESTORE hashes it again.
        logger.warn('versions.not_hashed', { version, name: row.name, error: toError(error).message });
      }
    }
    this.#versions.set(version, kept);
    await this.#rows.write([[version, kept]]);
  }

  /** A version's file was moved back into the folder. */
  async movedAway(path: string): Promise<void> {
    if (path.startsWith(`${VERSIONS_DIRECTORY}/`)) await this.#dropRow(path.slice(VERSIONS_DIRECTORY.length + 1));
  }

  /** Drops the versions of a name that are too many or too old. */
  async prune(name: string): Promise<void> {
    await this.#dropSurplus(this.list(name));
  }

  async #finishTaking(version: string, { name }: VersionRow): Promise<void> {
    const { disk } = this.#options;
    const kept = await disk.stat(this.path(version));
    const present = await disk.stat(name).catch(() => undefined);
    // A move that was cut off may leave the file with both names.
    if (kept !== undefined && kept.inode === present?.inode) await this.#remove(version);
    else await this.settle(version);
  }

  async #remove(version: string): Promise<void> {
    await this.#options.disk.remove(this.path(version));
    await this.#dropRow(version);
  }

  async #dropRow(version: string): Promise<void> {
    this.#versions.delete(version);
    await this.#rows.write([[version, undefined]]);
  }

  /**
   * The versions come newest first, those of different names mixed. Those that were written here are counted apart from those that
   * transfers brought: else whoever sends often enough would make the node drop what only its user had.
   */
  async #dropSurplus(versions: readonly StoredVersion[]): Promise<void> {
    const { clock, settings } = this.#options;
    const tooOld = clock.wallTime() - settings.versionsKeptMs;
    const kept = new Map<string, number>();
    for (const { version, name, replaced } of versions) {
      const key = `${this.#versions.get(version)?.local === true ? 'local' : 'received'}/${name}`;
      const count = (kept.get(key) ?? 0) + 1;
      if (count > settings.versionsKept || replaced < tooOld) await this.#remove(version);
      else kept.set(key, count);
    }
  }

  #startSweep(): void {
    const { clock, logger, settings } = this.#options;
    this.#sweeping = this.#dropSurplus(this.list())
      .catch((error: unknown) => logger.warn('versions.not_removed', { error: toError(error).message }))
      .then(() => {
        if (this.#isClosed) return;
        this.#sweepTimer = clock.setTimer(Math.min(settings.versionsKeptMs, MAX_SWEEP_MS), () => this.#startSweep());
      });
  }
}
