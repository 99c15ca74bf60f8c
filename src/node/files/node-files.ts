import type { Disk, Hasher, PieceStrategy, Settings } from '../../kernel/index.ts';
import { TokenBucket } from '../../kit/token-bucket.ts';
import { ReplicaChecks } from '../replication/replica-checks.ts';
import { ReplicaStore } from '../replication/replica-store.ts';
import { SharedStore } from '../replication/shared-store.ts';
import type { FileStatement } from '../records.ts';
import { ContentChecks } from './content-checks.ts';
import { ContentHasher } from './content-hasher.ts';
import { FileIndex, type FileIndexOptions } from './file-index.ts';
import type { FileStore } from './file-store.ts';
import { LocalFileStore } from './local-file-store.ts';
import { ManifestTable } from './manifest-table.ts';
import { NameLocks } from './name-locks.ts';
import { PartialFiles } from './partial-files.ts';
import { Placement } from './placement.ts';
import { PromisedSpace } from './promised-space.ts';
import { ReusablePieces } from './reusable-pieces.ts';
import { SharedFolder } from './shared-folder.ts';
import { SmallFiles, type SmallFileStore } from './small-files.ts';
import { VersionArchive } from './version-archive.ts';
import { VersionStore } from './version-store.ts';

export interface NodeFilesOptions extends Omit<FileIndexOptions, 'manifests'> {
  readonly disk: Disk;
  readonly hasher: Hasher;
  readonly pieceStrategy: Pick<PieceStrategy, 'pieceLength'>;
  readonly settings: Pick<
    Settings,
    | 'hashRate'
    | 'minFree'
    | 'quota'
    | 'verifyRate'
    | 'scanMs'
    | 'settleMs'
    | 'tombstoneMs'
    | 'versionsKept'
    | 'versionsKeptMs'
  >;
}

/**
 * Everything a node has to do with files, put together: the index, the folder, the store that transfers use, and
 * versions.
 */
export class NodeFiles {
  readonly index: FileIndex;
  readonly folder: SharedFolder;
  readonly store: FileStore;
  /** Of the folder, for files that come whole. */
  readonly small: SmallFileStore;
  readonly versions: VersionStore;
  /** What is kept for others. */
  readonly replicas: ReplicaStore;
  /** The verification of what is kept for others, where somebody doubts it. */
  readonly replicaChecks: ReplicaChecks;
  /** The verification of received files in the background. */
  readonly checks: ContentChecks;
  readonly #manifests: ManifestTable;
  readonly #partials: PartialFiles;
  readonly #archive: VersionArchive;
  readonly #placement: Placement;
  #starting: Promise<void> | undefined;

  constructor(options: NodeFilesOptions) {
    const { clock, disk, hasher, pieceStrategy, settings } = options;
    const locks = new NameLocks();
    const bucketOf = (rate: number) => new TokenBucket({ clock, rate: rate === 0 ? Infinity : rate });
    const hashAt = (rate: number) => new ContentHasher({ disk, hasher, pieceStrategy, rate: bucketOf(rate) });
    // What somebody waits for is read as fast as it goes.
    const contents = hashAt(0);
    const manifests = new ManifestTable(options);
    this.#manifests = manifests;
    const onStatement = (statement: FileStatement) => {
      this.replicas.reconcile(statement.record.name);
      options.onStatement(statement);
    };
    this.index = new FileIndex({ ...options, manifests, onStatement });
    const { own } = this.index;
    this.folder = new SharedFolder({ ...options, own, locks, contents: hashAt(settings.hashRate) });
    const archive = new VersionArchive({ ...options, contents });
    this.#archive = archive;
    const knowsDirectory = (path: string) => this.folder.knowsDirectory(path);
    const placement = new Placement({ ...options, own, archive, locks, knowsDirectory });
    this.#placement = placement;
    const partials = new PartialFiles({ ...options, manifests });
    this.#partials = partials;
    this.checks = new ContentChecks({ ...options, own, archive, locks, contents: hashAt(settings.verifyRate) });
    const replica = (manifest: string) => this.replicas.locate(manifest);
    const partial = (manifest: string) => partials.locate(manifest);
    const reusable = new ReusablePieces({ disk, hasher, own, manifests, replica, partial });
    this.replicas = new ReplicaStore({ ...options, own, manifests, partials, reusable });
    const { replicas } = this;
    this.replicaChecks = new ReplicaChecks({ ...options, replicas, rate: bucketOf(settings.verifyRate) });
    const space = new PromisedSpace(disk, clock);
    this.small = new SmallFiles({ ...options, manifests, partials, placement, reusable, space });
    const folder = new LocalFileStore({
      ...options,
      ...{ contents, own, placement, manifests, partials, reusable, space },
      onChanged: (name) => this.folder.notice(name),
      onPlaced: (name) => this.checks.add(name),
    });
    this.store = new SharedStore(folder, this.replicas);
    this.versions = new VersionStore({ contents, own, placement, archive });
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
    await Promise.all([this.folder.close(), this.checks.close(), this.replicaChecks.close()]);
    // A start that fails tells its own caller.
    await this.#starting?.catch(() => undefined);
    await this.#archive.close();
    await this.replicas.close();
    await this.index.close();
  }

  async #start(): Promise<void> {
    await this.#manifests.open();
    await this.index.open();
    await this.#partials.load();
    await this.replicas.load();
    await this.#placement.recover();
    await this.#partials.tidy();
    await this.replicas.tidy();
    await this.#manifests.sweep();
    await this.#archive.start();
    await this.checks.start();
    await this.folder.start();
  }
}
