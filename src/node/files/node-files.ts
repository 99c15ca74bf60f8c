import type { Disk, Hasher, Settings } from '../../kernel/index.ts';
import { FileIndex, type FileIndexOptions } from './file-index.ts';
import type { FileStore } from './file-store.ts';
import { LocalFileStore } from './local-file-store.ts';
import { NameLocks } from './name-locks.ts';
import { Placement } from './placement.ts';
import { SharedFolder } from './shared-folder.ts';
import { VersionArchive } from './version-archive.ts';
import { VersionStore } from './version-store.ts';

export interface NodeFilesOptions extends FileIndexOptions {
  readonly disk: Disk;
  readonly hasher: Hasher;
  readonly settings: Pick<Settings, 'scanMs' | 'settleMs' | 'tombstoneMs' | 'versionsKept' | 'versionsKeptMs'>;
}

/**
 * Everything a node has to do with files, put together: the index, the folder, the store that transfers use, and
 * versions.
 */
export class NodeFiles {
  readonly index: FileIndex;
  readonly folder: SharedFolder;
  readonly store: FileStore;
  readonly versions: VersionStore;
  readonly #archive: VersionArchive;
  readonly #placement: Placement;
  #starting: Promise<void> | undefined;

  constructor(options: NodeFilesOptions) {
    this.index = new FileIndex(options);
    const { own } = this.index;
    const locks = new NameLocks();
    this.folder = new SharedFolder({ ...options, own, locks });
    this.#archive = new VersionArchive(options);
    const knowsDirectory = (path: string) => this.folder.knowsDirectory(path);
    this.#placement = new Placement({ ...options, own, archive: this.#archive, locks, knowsDirectory });
    const parts = { disk: options.disk, hasher: options.hasher, own, placement: this.#placement };
    this.store = new LocalFileStore({ ...parts, onChanged: (name) => this.folder.notice(name) });
    this.versions = new VersionStore({ ...parts, archive: this.#archive });
  }

  /**
   * Reads the index, finishes what a crash cut off, and looks through the folder once. Files that are new or changed
   * are hashed from then on: `folder.idle()` waits for them. Once. Rejects with ERR_INDEX_DAMAGED and the codes of the
   * disk.
   */
  async start(): Promise<void> {
    this.#starting = this.#start();
    await this.#starting;
  }

  /**
   * Ends watching and writes what is not yet written; also during the start. After the last transfer has ended, and
   * once.
   */
  async close(): Promise<void> {
    await this.folder.close();
    // A start that fails tells its own caller.
    await this.#starting?.catch(() => undefined);
    await this.#archive.close();
    await this.index.close();
  }

  async #start(): Promise<void> {
    await this.index.open();
    await this.#placement.recover();
    await this.#placement.removeLeftovers();
    await this.#archive.start();
    await this.folder.start();
  }
}
