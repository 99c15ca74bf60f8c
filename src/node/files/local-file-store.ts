import { KernelError, errorCode, type Disk, type DiskFile, type Hasher } from '../../kernel/index.ts';
import { PARTIAL_DIRECTORY } from '../layout.ts';
import { checkFileName } from '../messages/file-name.ts';
import type { FileRecord } from '../records.ts';
import { factsOf, sameFacts, type FileFacts } from './file-facts.ts';
import type { FileStore, IncomingFile, ServedFile } from './file-store.ts';
import { NO_PIECES } from './held-pieces.ts';
import { PartialFile } from './incoming-file.ts';
import type { OwnFiles } from './own-files.ts';
import type { Placement } from './placement.ts';

export interface LocalFileStoreOptions {
  readonly disk: Disk;
  readonly hasher: Hasher;
  readonly own: OwnFiles;
  readonly placement: Placement;
  /** Called with the name of a file that is not what the index says: to be looked at again. */
  onChanged(name: string): void;
}

/** The files of this node's folder; see FileStore. */
export class LocalFileStore implements FileStore {
  readonly #options: LocalFileStoreOptions;
  #received = 0;
  /** Bytes still to be written of all files on their way in. */
  #promised = 0;

  constructor(options: LocalFileStoreOptions) {
    this.#options = options;
  }

  holds(name: string, checksum: string): boolean {
    return checksum !== '' && this.#options.own.holding(name)?.record.checksum === checksum;
  }

  async open(name: string, checksum: string): Promise<ServedFile> {
    const { disk, own, onChanged } = this.#options;
    checkFileName(name);
    const holding = own.holding(name);
    if (holding === undefined || (checksum !== '' && checksum !== holding.record.checksum)) {
      throw new KernelError(
        'ERR_NO_SUCH_FILE',
        `the folder does not hold ${JSON.stringify(name)} ${checksum}`.trimEnd(),
      );
    }
    const { record, facts } = holding;
    const changed = () => {
      onChanged(name);
      return new KernelError('ERR_FILE_CHANGED', `${JSON.stringify(name)} is no longer what was announced`);
    };
    const file = await disk.open(name, 'read').catch((error: unknown) => {
      throw errorCode(error) === 'ERR_NOT_FOUND' ? changed() : error;
    });
    try {
      await assertUnchanged(file, facts, changed);
    } catch (error) {
      await file.close();
      throw error;
    }
    const read = async (position: number, length: number) => {
      const bytes = await file.read(position, length);
      await assertUnchanged(file, facts, changed);
      return bytes;
    };
    return { record, file: { read, close: () => file.close() }, manifest: undefined, pieces: NO_PIECES };
  }

  async receive(record: FileRecord): Promise<IncomingFile> {
    const { disk, hasher, placement } = this.#options;
    const { name, size } = record;
    checkFileName(name);
    await placement.assertStorable(name);
    const free = await disk.freeBytes();
    if (size > free - this.#promised) {
      throw new KernelError('ERR_DISK_FULL', `${JSON.stringify(name)} has ${size} bytes, and only ${free} are free`);
    }
    this.#promised += size;
    try {
      // The directory is for its owner only; the file will be the user's, with the rights that his files have.
      const path = `${PARTIAL_DIRECTORY}/${++this.#received}`;
      const file = await disk.open(path, 'create');
      const release = (bytes: number) => (this.#promised -= bytes);
      return new PartialFile({ disk, hasher, placement, record, path, file, release });
    } catch (error) {
      this.#promised -= size;
      throw error;
    }
  }
}

async function assertUnchanged(file: Pick<DiskFile, 'stat'>, facts: FileFacts, changed: () => Error): Promise<void> {
  if (!sameFacts(facts, factsOf(await file.stat()))) throw changed();
}
