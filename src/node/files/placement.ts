import { KernelError, errorCode, toError, type Disk, type Logger, type NodeIndex } from '../../kernel/index.ts';
import type { FilePieces } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';
import { factsOf, sameFacts, type FileFacts } from './file-facts.ts';
import { arrivalRow, recordToRow } from './file-rows.ts';
import type { ContentCheck } from './holding.ts';
import { IndexRows } from './index-rows.ts';
import type { NameLocks } from './name-locks.ts';
import type { OwnFiles } from './own-files.ts';
import { assertStorable } from './storable-name.ts';
import type { VersionArchive } from './version-archive.ts';

export interface PlacementOptions {
  readonly disk: Disk;
  readonly index: NodeIndex;
  readonly own: OwnFiles;
  readonly archive: VersionArchive;
  readonly locks: NameLocks;
  readonly logger: Logger;
  /** Whether a directory is known by exactly this path. */
  knowsDirectory(path: string): boolean;
}

/** A whole, synced file that is to get its name. */
export interface Arrival {
  readonly name: string;
  /** Where it is now, below `.peerhold/`. */
  readonly source: string;
  readonly facts: FileFacts;
  /** Whether the content was written here once, and is not that of a transfer. */
  readonly local: boolean;
  /** Whether nothing would be known of the file at its source after a restart, so that it would be removed there. */
  readonly scratch?: boolean | undefined;
  /** How far it was verified; 'done' unless told otherwise. */
  readonly check?: ContentCheck | undefined;
  /** Of the content, where it was read here. */
  readonly pieces?: FilePieces | undefined;
  /** What the folder holds then. Called when nothing else can change the name any more. */
  describe(): FileRecord;
}

/** How often a placement gives way to somebody who makes the file anew at the same instant. */
const MAX_ATTEMPTS = 100;

/**
 * Gives finished files their names. The index learns of a file before the disk does, so that a crash at any moment
 * leaves either what was there or what came, and what came is never taken for a change by the user. What it replaces is
 * kept as a version.
 */
export class Placement {
  readonly #options: PlacementOptions;
  readonly #rows: IndexRows;

  constructor(options: PlacementOptions) {
    this.#options = options;
    this.#rows = new IndexRows(options.index, 'arrivals');
  }

  /** Finishes what a crash cut off. Before the folder is scanned and partial files are removed. */
  async recover(): Promise<void> {
    for (const [name, value] of await this.#rows.all()) {
      const row = arrivalRow.safeParse(value).data;
      if (row?.record.name === name) await this.#finish(row);
      await this.#rows.write([[name, undefined]]);
    }
  }

  /**
   * Puts a file under its name, in the place of whatever has it at that moment, which becomes a version. Where the
   * folder holds the content already nothing happens, and on failure everything is as it was; then the file is still at
   * its source.
   *
   * @returns whether the file was moved, and is no longer at its source.
   * @throws ERR_NAME_NOT_STORABLE, ERR_LINK_REFUSED and the other codes of the disk.
   */
  async place(arrival: Arrival): Promise<boolean> {
    return this.#options.locks.run(arrival.name, () => this.#place(arrival));
  }

  /** Whether nothing is expected to have a name, in a directory that is known: the move finds out whether that is so. */
  isFree(name: string): boolean {
    return this.#options.own.holding(name) === undefined && this.#isWayKnown(name);
  }

  /** Whether a file could be placed under this name. Rejects as `place` does. */
  async assertStorable(name: string): Promise<void> {
    const { disk, own, knowsDirectory } = this.#options;
    const isKnown = (path: string) => knowsDirectory(path) || own.holding(path) !== undefined;
    await assertStorable(disk, name, { isKnown, isWayKnown: this.#isWayKnown(name) });
  }

  #isWayKnown(name: string): boolean {
    return this.#options.knowsDirectory(name.slice(0, Math.max(name.lastIndexOf('/'), 0)));
  }

  async #place(arrival: Arrival): Promise<boolean> {
    const { name, source, facts, local, check, pieces, describe } = arrival;
    const { disk, own, archive } = this.#options;
    const present = own.holding(name);
    const isFree = this.isFree(name);
    if (!isFree) await this.assertStorable(name);
    const record = describe();
    if (present?.record.checksum === record.checksum && sameFacts(present.facts, factsOf(await disk.stat(name))))
      return false;
    const taken: string[] = [];
    await this.#rows.write([[name, { source, facts, local, check, record: recordToRow(record) }]], { durably: true });
    try {
      if (!isFree || !(await this.#isMoved(arrival))) await this.#moveIn(arrival, taken);
      own.placed(record, facts, { local, check, pieces });
    } catch (error) {
      for (const version of taken.reverse()) await archive.putBack(version);
      await this.#rows.write([[name, undefined]]);
      throw error;
    }
    await this.#tidyUp(name, source, taken);
    return true;
  }

  /** The file has its name: nothing that fails now takes that back, and a restart finishes what is left undone. */
  async #tidyUp(name: string, source: string, taken: readonly string[]): Promise<void> {
    const { own, archive, logger } = this.#options;
    try {
      await own.flush();
      await archive.movedAway(source);
      for (const version of taken) await archive.settle(version);
      if (taken.length > 0) await archive.prune(name);
      await this.#rows.write([[name, undefined]]);
    } catch (error) {
      logger.warn('file.placement_unfinished', { name, error: toError(error).message });
    }
  }

  /** Moves a file to a name that nothing has; where something has it after all, that is looked at. */
  async #isMoved({ name, source, scratch }: Arrival): Promise<boolean> {
    try {
      await this.#options.disk.rename(source, name, { replace: false, scratch });
      return true;
    } catch (error) {
      if (errorCode(error) !== 'ERR_EXISTS') throw error;
      await this.assertStorable(name);
      return false;
    }
  }

  async #moveIn({ name, source, scratch }: Arrival, taken: string[]): Promise<void> {
    const { disk, own, archive } = this.#options;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const version = await archive.take(name, own.holding(name));
      if (version !== undefined) taken.push(version);
      try {
        await disk.rename(source, name, { replace: false, scratch });
        return;
      } catch (error) {
        // Somebody made it anew since it was taken away: that is kept too.
        if (errorCode(error) !== 'ERR_EXISTS') throw error;
      }
    }
    throw new KernelError('ERR_EXISTS', `something else writes ${JSON.stringify(name)} again and again`);
  }

  async #finish({ source, facts, local, check, record }: ReturnType<typeof arrivalRow.parse>): Promise<void> {
    const { disk, own, archive, logger } = this.#options;
    const { name } = record;
    try {
      const present = await disk.stat(name);
      if (present === undefined && sameFacts(facts, factsOf(await disk.stat(source)))) {
        await disk.rename(source, name, { replace: false });
      } else if (!sameFacts(facts, factsOf(present))) {
        return;
      }
      own.placed(record, facts, { local, check });
      await own.flush();
      await archive.movedAway(source);
      logger.info('file.placement_finished', { name, checksum: record.checksum });
    } catch (error) {
      logger.warn('file.placement_unfinished', { name, error: toError(error).message });
    }
  }
}
