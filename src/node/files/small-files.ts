import { KernelError, type AbortOptions, type Disk, type Logger } from '../../kernel/index.ts';
import { sha256 } from '../../kit/sha256.ts';
import { nameProblem } from '../messages/file-name.ts';
import { checkManifest, type Manifest } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';
import { factsOf } from './file-facts.ts';
import type { ManifestTable } from './manifest-table.ts';
import type { PartialFiles } from './partial-files.ts';
import type { Placement } from './placement.ts';
import type { PromisedSpace } from './promised-space.ts';
import type { ReusablePieces } from './reusable-pieces.ts';

export interface SmallFilesOptions {
  readonly disk: Pick<Disk, 'make' | 'remove'>;
  readonly logger: Logger;
  readonly manifests: ManifestTable;
  readonly partials: PartialFiles;
  readonly placement: Placement;
  readonly reusable: ReusablePieces;
  readonly space: PromisedSpace;
}

/** A file of one piece that came whole. */
export interface WholeFile {
  readonly record: FileRecord;
  /** That of the record, in both forms. */
  readonly manifest: Manifest;
  readonly encoded: Uint8Array;
  /** All of it, verified by the manifest. */
  readonly bytes: Uint8Array;
}

/** Where small files go that come whole, one message each: of these there is nothing to go on with, to reuse, or to serve before it is in place. */
export interface SmallFileStore {
  /** Whether `put` will do for a file: nothing is known here that has its name, or any of what it holds. */
  takes(record: FileRecord): boolean;
  /**
   * Verifies the checksum of a file, syncs it, places it under its name, and announces the holding; see IncomingFile.commit. Where it fails nothing is left.
   * Rejects with ERR_MANIFEST where the manifest is not that of the record, ERR_CHECKSUM, ERR_DISK_FULL and the other codes of the disk, or the signal's reason.
   */
  put(file: WholeFile, options?: AbortOptions): Promise<void>;
}

/** The small files of this node's folder; see SmallFileStore. */
export class SmallFiles implements SmallFileStore {
  readonly #options: SmallFilesOptions;

  constructor(options: SmallFilesOptions) {
    this.#options = options;
  }

  takes(record: FileRecord): boolean {
    const { manifests, placement, reusable } = this.#options;
    if (nameProblem(record.name) !== undefined) return false;
    return placement.isFree(record.name) && !manifests.has(record.manifest) && !reusable.mayHave(record);
  }

  async put({ bytes, encoded, manifest, record }: WholeFile, { signal }: AbortOptions = {}): Promise<void> {
    const { disk, manifests, partials, placement, space } = this.#options;
    const { name, size } = record;
    checkManifest(manifest, record);
    this.#assertChecksum(bytes, record);
    const promised = await space.promise(name, size);
    manifests.putEncoded(record.manifest, encoded);
    manifests.retain(record.manifest);
    const source = partials.nextPath();
    let isMoved = false;
    try {
      signal?.throwIfAborted();
      const facts = factsOf(await disk.make(source, bytes));
      promised.release(size);
      if (facts === undefined) throw new KernelError('ERR_FILE_CHANGED', `${JSON.stringify(source)} is no file`);
      signal?.throwIfAborted();
      isMoved = await placement.place({ name, source, facts, local: false, scratch: true, describe: () => record });
    } finally {
      promised.end();
      manifests.release(record.manifest);
      // What is left the next start removes.
      if (!isMoved) await disk.remove(source).catch(() => undefined);
    }
    await partials.dropOthers(record);
  }

  #assertChecksum(bytes: Uint8Array, { checksum, name, writer }: FileRecord): void {
    const found = sha256(bytes);
    if (found === checksum) return;
    this.#options.logger.error('file.false_content', { name, checksum, found, writer });
    throw new KernelError('ERR_CHECKSUM', `${JSON.stringify(name)} is not what its writer ${writer} promised`);
  }
}
