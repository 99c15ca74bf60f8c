import {
  KernelError,
  errorCode,
  toError,
  type AbortOptions,
  type Disk,
  type NodeIndex,
  type Settings,
} from '../../kernel/index.ts';
import { BackgroundTasks } from '../background.ts';
import { factsOf, sameFacts, type FileFacts } from '../files/file-facts.ts';
import { recordToRow, replicaRow } from '../files/file-rows.ts';
import type { FileStore, IncomingFile, ServedFile } from '../files/file-store.ts';
import { allPieces } from '../files/held-pieces.ts';
import { IncomingPieces, type IncomingPiecesOptions } from '../files/incoming-pieces.ts';
import { IndexRows } from '../files/index-rows.ts';
import { readManifest } from '../files/manifest-table.ts';
import type { OwnFiles } from '../files/own-files.ts';
import type { Arrival } from '../files/placement.ts';
import { PromisedSpace } from '../files/promised-space.ts';
import { REPLICA_DIRECTORY } from '../layout.ts';
import { pieceCount } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';

export interface ReplicaStoreOptions extends Omit<
  IncomingPiecesOptions,
  'placement' | 'record' | 'promised' | 'onEnded' | 'disk'
> {
  readonly disk: Disk;
  readonly index: NodeIndex;
  /** Says what is kept here, and what the folder holds. */
  readonly own: OwnFiles;
  readonly settings: Pick<Settings, 'quota' | 'minFree'>;
}

/** A content kept for others. */
interface Replica {
  readonly record: FileRecord;
  /** Of the file, as it was when it was whole. */
  readonly facts: FileFacts;
}

/**
 * What is kept for other nodes, under `.peerhold/replicas`, each by the hash of its manifest. A row in the index comes before the file gets its
 * place, and what the row says of the file must be so at the next start: else both go, and nothing is hashed for that.
 */
export class ReplicaStore implements FileStore {
  readonly #options: ReplicaStoreOptions;
  readonly #rows: IndexRows;
  readonly #space: PromisedSpace;
  readonly #tasks: BackgroundTasks;
  /** By the hash of the manifest. */
  readonly #kept = new Map<string, Replica>();
  readonly #names = new Map<string, Set<Replica>>();
  #incoming = 0;
  /** Bytes of what is kept, and of what is on its way in. */
  #bytes = 0;

  constructor(options: ReplicaStoreOptions) {
    const { clock, disk, index, settings } = options;
    this.#options = options;
    this.#rows = new IndexRows(index, 'replicas');
    this.#tasks = new BackgroundTasks(options.logger);
    this.#space = new PromisedSpace({ freeBytes: async () => (await disk.freeBytes()) - settings.minFree }, clock);
  }

  /** Reads what an earlier run kept. After the manifests and own statements were read. Rejects with ERR_INDEX_DAMAGED. */
  async load(): Promise<void> {
    const { logger, manifests } = this.#options;
    for (const [key, value] of await this.#rows.all()) {
      const row = replicaRow.safeParse(value).data;
      if (row?.record.manifest === key && manifests.has(key)) {
        this.#keep(row);
      } else {
        logger.warn('index.row_ignored', { sublevel: 'replicas', key });
        await this.#rows.write([[key, undefined]]);
      }
    }
  }

  /** Gives up what is not on disk as it was, and removes what nobody knows of. After `load`. */
  async tidy(): Promise<void> {
    const { disk, own } = this.#options;
    await disk.makeDirectory(REPLICA_DIRECTORY);
    for (const { name, kind } of await disk.list(REPLICA_DIRECTORY)) {
      if (kind === 'file' && !this.#kept.has(name)) await disk.remove(pathOf(name));
    }
    for (const [hash, { facts }] of [...this.#kept]) {
      if (!sameFacts(facts, factsOf(await disk.stat(pathOf(hash))))) await this.#remove(hash);
    }
    for (const { record } of [...this.#kept.values()]) own.keeping(record, true);
    for (const record of [...own.replicas()]) if (!this.#kept.has(record.manifest)) own.keeping(record, false);
    for (const name of [...this.#names.keys()]) await this.#reconcile(name);
  }

  /** Resolves when nothing is being given up any more. */
  async close(): Promise<void> {
    await this.#tasks.settled();
  }

  /** How many contents are on their way in. */
  get incoming(): number {
    return this.#incoming;
  }

  /** Where the content of a manifest is, if it is kept. */
  locate(manifest: string): { readonly path: string; readonly facts: FileFacts } | undefined {
    const replica = this.#kept.get(manifest);
    return replica === undefined ? undefined : { path: pathOf(manifest), facts: replica.facts };
  }

  holds(name: string, checksum: string): boolean {
    return this.#find(name, checksum) !== undefined;
  }

  /** The record of what is kept under a name with a checksum: what its manifest bears out, whatever others say of it. */
  recordOf({ name, checksum }: Pick<FileRecord, 'name' | 'checksum'>): FileRecord | undefined {
    return this.#find(name, checksum)?.record;
  }

  async open(name: string, checksum: string): Promise<ServedFile> {
    const replica = this.#find(name, checksum);
    if (replica === undefined) {
      throw new KernelError('ERR_NO_SUCH_FILE', `no replica of ${JSON.stringify(name)} ${checksum} is kept`.trimEnd());
    }
    const { record, facts } = replica;
    const encoded = await this.#options.manifests.get(record.manifest);
    const manifest = readManifest(encoded);
    const path = pathOf(record.manifest);
    const file = await this.#options.disk.open(path, 'read').catch((error: unknown) => {
      throw errorCode(error) === 'ERR_NOT_FOUND' ? this.#damaged(record) : error;
    });
    const assertSame = async () => {
      if (!sameFacts(facts, factsOf(await file.stat()))) throw this.#damaged(record);
    };
    try {
      await assertSame();
      if (manifest === undefined) throw this.#damaged(record);
    } catch (error) {
      await file.close();
      throw error;
    }
    const read = async (position: number, length: number) => {
      const bytes = await file.read(position, length);
      await assertSame();
      return bytes;
    };
    return {
      record,
      file: { read, close: () => file.close() },
      manifest: encoded,
      pieces: allPieces(pieceCount(manifest)),
    };
  }

  /**
   * Starts to receive a content to be kept. Rejects with ERR_TRANSFER_REFUSED where the record names no manifest, ERR_QUOTA, and ERR_DISK_FULL where
   * less than `minFree` would be left.
   */
  async receive(record: FileRecord, options: AbortOptions = {}): Promise<IncomingFile> {
    const { manifests, settings } = this.#options;
    const { manifest: hash, name, size } = record;
    if (hash === '') throw new KernelError('ERR_TRANSFER_REFUSED', `${JSON.stringify(name)} has no manifest`);
    if (this.#bytes + size > settings.quota) {
      const used = `${this.#bytes} of ${settings.quota} bytes are used`;
      throw new KernelError('ERR_QUOTA', `no space for ${size} bytes of ${JSON.stringify(name)}: ${used}`);
    }
    this.#bytes += size;
    const promised = await this.#space.promise(name, size).catch((error: unknown) => {
      this.#bytes -= size;
      throw error;
    });
    this.#incoming++;
    const incoming = new IncomingPieces({
      ...this.#options,
      ...{ record, promised },
      placement: { place: (arrival) => this.#place(record, arrival) },
      // From its place on it counts as kept.
      onEnded: () => {
        this.#bytes -= size;
        this.#incoming--;
      },
    });
    try {
      const encoded = await manifests.get(hash);
      if (encoded !== undefined) await incoming.begin(encoded, options);
      return incoming;
    } catch (error) {
      await incoming.suspend();
      throw error;
    }
  }

  /** Gives up a replica, and says so. Nothing happens where there is none. Never rejects. */
  async drop({ manifest }: Pick<FileRecord, 'manifest'>): Promise<void> {
    const replica = this.#kept.get(manifest);
    if (replica === undefined) return;
    this.#options.own.keeping(replica.record, false);
    await this.#remove(manifest);
  }

  /** This node said something of a file: what it no longer says to keep of that is given up. */
  reconcile(name: string): void {
    if (this.#names.has(name)) this.#tasks.run('replica.not_removed', this.#reconcile(name), { name });
  }

  /** Gives up what is kept of a name and is no longer wanted by anybody. */
  dropOutdated(name: string, isOutdated: (record: FileRecord) => boolean): void {
    for (const { record } of this.#names.get(name) ?? []) {
      if (isOutdated(record)) this.#tasks.run('replica.not_removed', this.drop(record), { name });
    }
  }

  #find(name: string, checksum: string): Replica | undefined {
    if (checksum === '') return undefined;
    return [...(this.#names.get(name) ?? [])].find(({ record }) => record.checksum === checksum);
  }

  #keep(replica: Replica): void {
    const { manifest, name, size } = replica.record;
    this.#kept.set(manifest, replica);
    this.#names.set(name, (this.#names.get(name) ?? new Set()).add(replica));
    this.#options.manifests.retain(manifest);
    this.#bytes += size;
  }

  /** Returns whether the file was moved. It is not where the folder got the same meanwhile: that counts as much. */
  async #place(record: FileRecord, { source, facts }: Arrival): Promise<boolean> {
    const { disk, logger, manifests, own } = this.#options;
    const { manifest: hash, name } = record;
    if (this.#kept.has(hash) || this.#isInFolder(record)) return false;
    this.#keep({ record, facts });
    try {
      await manifests.save();
      await this.#rows.write([[hash, { record: recordToRow(record), facts }]], { durably: true });
      await disk.rename(source, pathOf(hash), { replace: true });
    } catch (error) {
      await this.#remove(hash);
      throw error;
    }
    if (!own.keeping(record, true)) {
      await this.#remove(hash);
      if (this.#isInFolder(record)) return true;
      throw new KernelError('ERR_EXISTS', `the folder holds another version of ${JSON.stringify(name)}`);
    }
    logger.info('replica.kept', { name, checksum: record.checksum, bytes: record.size });
    await this.#reconcile(name);
    return true;
  }

  /** Another version took its place, or the folder holds it, be it as another user's. */
  async #reconcile(name: string): Promise<void> {
    for (const { record } of [...(this.#names.get(name) ?? [])]) {
      if (this.#isInFolder(record)) await this.drop(record);
      else if (this.#options.own.replicaOf(record)?.manifest !== record.manifest) await this.#remove(record.manifest);
    }
  }

  #isInFolder({ checksum, name }: FileRecord): boolean {
    return this.#options.own.holding(name)?.record.checksum === checksum;
  }

  /** What is left on disk where that fails, the next start removes. */
  async #remove(hash: string): Promise<void> {
    const { disk, logger, manifests } = this.#options;
    const replica = this.#kept.get(hash);
    if (replica === undefined) return;
    const { name, checksum } = replica.record;
    const ofName = this.#names.get(name);
    ofName?.delete(replica);
    if (ofName?.size === 0) this.#names.delete(name);
    this.#kept.delete(hash);
    this.#bytes -= replica.record.size;
    manifests.release(hash);
    logger.info('replica.dropped', { name, checksum });
    try {
      await this.#rows.write([[hash, undefined]]);
      await disk.remove(pathOf(hash));
      await manifests.prune();
    } catch (error) {
      logger.warn('replica.not_removed', { manifest: hash, error: toError(error).message });
    }
  }

  #damaged(record: FileRecord): KernelError {
    const { name, checksum } = record;
    this.#options.logger.warn('replica.damaged', { name, checksum, manifest: record.manifest });
    this.#tasks.run('replica.not_removed', this.drop(record), { name });
    return new KernelError('ERR_FILE_CHANGED', `the replica of ${JSON.stringify(name)} is no longer what it was`);
  }
}

function pathOf(manifest: string): string {
  return `${REPLICA_DIRECTORY}/${manifest}`;
}
