import { KernelError } from '../../kernel/index.ts';
import type { StoredVersion } from '../api.ts';
import type { ContentHasher } from './content-hasher.ts';
import type { OwnFiles } from './own-files.ts';
import type { Placement } from './placement.ts';
import type { VersionArchive } from './version-archive.ts';

export interface VersionStoreOptions {
  readonly contents: ContentHasher;
  readonly own: OwnFiles;
  readonly archive: VersionArchive;
  readonly placement: Placement;
}

/**
 * VERSIONS and RESTORE: what the node replaced in the folder, and bringing it back. What the user deletes himself is
 * not kept.
 */
export class VersionStore {
  readonly #options: VersionStoreOptions;

  constructor(options: VersionStoreOptions) {
    this.#options = options;
  }

  /** The versions of one name, or of all, the newest first. */
  list(name?: string): StoredVersion[] {
    return this.#options.archive.list(name);
  }

  /**
   * Gives a version its name again, as a change by this node's user, which is announced. What has the name now becomes
   * a version; where that is the same content, nothing happens.
   *
   * @throws ERR_NO_SUCH_VERSION, ERR_NAME_NOT_STORABLE and the other codes of the disk.
   */
  async restore(version: string): Promise<StoredVersion> {
    const { contents, own, archive, placement } = this.#options;
    const stored = archive.get(version);
    const source = archive.path(version);
    // A program that had the file open may have gone on writing to it.
    const { checksum, facts, pieces } = await contents.hashFile(source).catch((error: unknown) => {
      throw new KernelError(
        'ERR_NO_SUCH_VERSION',
        `version ${version} of ${JSON.stringify(stored.name)} cannot be read`,
        {
          cause: error,
        },
      );
    });
    const { name } = stored;
    const describe = () => own.nextRecord(name, { checksum, facts });
    await placement.place({ name, source, facts, pieces, local: true, describe });
    return { ...stored, checksum, size: facts.size };
  }
}
