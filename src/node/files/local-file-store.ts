import { KernelError, errorCode, type AbortOptions, type Disk, type DiskFile } from '../../kernel/index.ts';
import { checkFileName } from '../messages/file-name.ts';
import { pieceCount } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';
import type { ContentHasher } from './content-hasher.ts';
import { factsOf, sameFacts, type FileFacts } from './file-facts.ts';
import type { FileStore, IncomingFile, ServedFile } from './file-store.ts';
import { NO_PIECES, allPieces } from './held-pieces.ts';
import type { Holding } from './holding.ts';
import { PartialFile } from './incoming-file.ts';
import { IncomingPieces, type IncomingPiecesOptions } from './incoming-pieces.ts';
import { readManifest } from './manifest-table.ts';
import type { OwnFiles } from './own-files.ts';
import type { Placement } from './placement.ts';
import type { PromisedSpace } from './promised-space.ts';

/** Bytes of a file that is read whole when it is opened. */
const SMALL_LENGTH = 64 * 1024;

export interface LocalFileStoreOptions extends Omit<IncomingPiecesOptions, 'record' | 'promised' | 'onEnded' | 'disk'> {
  readonly disk: Disk;
  readonly placement: Placement;
  readonly contents: ContentHasher;
  readonly own: OwnFiles;
  readonly space: PromisedSpace;
  /** Called with the name of a file that is not what the index says: to be looked at again. */
  onChanged(name: string): void;
  /** Called with the name of a file that was placed, and whose checksum is to be verified. */
  onPlaced(name: string): void;
}

/** The files of this node's folder; see FileStore. */
export class LocalFileStore implements FileStore {
  readonly #options: LocalFileStoreOptions;
  /** Files with a manifest that are on their way in. */
  readonly #incoming = new Set<IncomingPieces>();

  constructor(options: LocalFileStoreOptions) {
    this.#options = options;
  }

  holds(name: string, checksum: string): boolean {
    return checksum !== '' && this.#options.own.holding(name)?.record.checksum === checksum;
  }

  async open(name: string, checksum: string): Promise<ServedFile> {
    checkFileName(name);
    const holding = this.#options.own.holding(name);
    if (holding !== undefined && (checksum === '' || checksum === holding.record.checksum))
      return this.#openHeld(holding);
    for (const incoming of this.#incoming) {
      const { record } = incoming;
      const partial = record.name === name && record.checksum === checksum ? await incoming.open() : undefined;
      if (partial !== undefined) return partial;
    }
    throw new KernelError('ERR_NO_SUCH_FILE', `the folder does not hold ${JSON.stringify(name)} ${checksum}`.trimEnd());
  }

  async receive(record: FileRecord, options: AbortOptions = {}): Promise<IncomingFile> {
    const { manifests, partials, placement, space } = this.#options;
    const { manifest: hash, name, size } = record;
    checkFileName(name);
    await placement.assertStorable(name);
    if (hash === '') return this.#receiveWhole(record);
    const encoded = await manifests.get(hash);
    const { pieceLength = 0 } = readManifest(encoded) ?? {};
    const saved = partials.savedPieces(hash) * pieceLength;
    const promised = await space.promise(name, Math.max(0, size - saved));
    const incoming: IncomingPieces = new IncomingPieces({
      ...this.#options,
      ...{ record, promised },
      onEnded: (placed) => {
        this.#incoming.delete(incoming);
        if (placed) this.#options.onPlaced(name);
      },
    });
    this.#incoming.add(incoming);
    if (encoded === undefined) return incoming;
    try {
      await incoming.begin(encoded, options);
      return incoming;
    } catch (error) {
      await incoming.suspend();
      throw error;
    }
  }

  async #receiveWhole(record: FileRecord): Promise<IncomingFile> {
    const { contents, disk, partials, placement, space } = this.#options;
    const promised = await space.promise(record.name, record.size);
    try {
      // The directory is for its owner only; the file will be the user's, with the rights that his files have.
      const path = partials.nextPath();
      const file = await disk.open(path, 'create');
      return new PartialFile({ disk, contents, placement, record, path, file, promised });
    } catch (error) {
      promised.end();
      throw error;
    }
  }

  async #openHeld({ record, facts }: Holding): Promise<ServedFile> {
    const { manifests, onChanged } = this.#options;
    const { name } = record;
    const changed = () => {
      onChanged(name);
      return new KernelError('ERR_FILE_CHANGED', `${JSON.stringify(name)} is no longer what was announced`);
    };
    const reading = record.manifest === '' ? undefined : manifests.get(record.manifest);
    const isSmall = facts.size <= SMALL_LENGTH;
    const opening = isSmall ? this.#openSmall(name, facts, changed) : this.#openLarge(name, facts, changed);
    const file = await opening.catch((error: unknown) => {
      throw errorCode(error) === 'ERR_NOT_FOUND' ? changed() : error;
    });
    const encoded = await reading;
    const manifest = readManifest(encoded);
    const pieces = manifest === undefined ? NO_PIECES : allPieces(pieceCount(manifest));
    return { record, file, manifest: manifest && encoded, pieces };
  }

  /** All of it is read at once: that costs less than to open it, and it cannot change any more. */
  async #openSmall(name: string, facts: FileFacts, changed: () => Error): Promise<ServedFile['file']> {
    const { bytes, stat } = await this.#options.disk.read(name, SMALL_LENGTH);
    if (!sameFacts(facts, factsOf(stat))) throw changed();
    return { read: async (position, length) => bytes.slice(position, position + length), close: async () => undefined };
  }

  async #openLarge(name: string, facts: FileFacts, changed: () => Error): Promise<ServedFile['file']> {
    const file = await this.#options.disk.open(name, 'read');
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
    return { read, close: () => file.close() };
  }
}

async function assertUnchanged(file: Pick<DiskFile, 'stat'>, facts: FileFacts, changed: () => Error): Promise<void> {
  if (!sameFacts(facts, factsOf(await file.stat()))) throw changed();
}
