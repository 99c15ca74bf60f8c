import { KernelError, type AbortOptions, type Disk, type DiskFile } from '../../kernel/index.ts';
import type { FileRecord } from '../records.ts';
import type { ContentHasher } from './content-hasher.ts';
import { factsOf } from './file-facts.ts';
import type { HeldPieces, IncomingFile } from './file-store.ts';
import { NO_PIECES } from './held-pieces.ts';
import type { Arrival, Placement } from './placement.ts';
import type { Promised } from './promised-space.ts';

export interface PartialFileOptions {
  readonly disk: Disk;
  readonly contents: ContentHasher;
  readonly placement: Placement;
  readonly record: FileRecord;
  /** The partial file's path, and the file, open for writing. */
  readonly path: string;
  readonly file: DiskFile;
  /** The space that is kept for the file. */
  readonly promised: Promised;
}

/** A file on its way in whose record names no manifest; see IncomingFile. */
export class PartialFile implements IncomingFile {
  readonly manifest: undefined;
  readonly held: HeldPieces = NO_PIECES;
  readonly reusedBytes = 0;
  readonly mayReuse = false;
  readonly #options: PartialFileOptions;
  readonly #writes = new Set<Promise<void>>();
  #ended: Promise<void> | undefined;

  constructor(options: PartialFileOptions) {
    this.#options = options;
  }

  async begin(): Promise<never> {
    throw new KernelError(
      'ERR_MANIFEST',
      `the record of ${JSON.stringify(this.#options.record.name)} names no manifest`,
    );
  }

  async writePiece(): Promise<never> {
    throw new RangeError('a file without a manifest has no pieces');
  }

  async write(position: number, bytes: Uint8Array): Promise<void> {
    const { record, file } = this.#options;
    if (!Number.isSafeInteger(position) || position < 0 || position + bytes.length > record.size) {
      throw new RangeError(`bytes ${position} to ${position + bytes.length} of a file of ${record.size}`);
    }
    this.#assertOpen();
    const write = file.write(position, [bytes]);
    this.#writes.add(write);
    try {
      await write;
    } finally {
      this.#writes.delete(write);
      this.#options.promised.release(bytes.length);
    }
  }

  async commit(options: AbortOptions = {}): Promise<void> {
    this.#assertOpen();
    const committed = this.#commit(options);
    this.#ended = committed.catch(() => undefined);
    await committed;
  }

  async suspend(): Promise<void> {
    await this.discard();
  }

  async discard(): Promise<void> {
    this.#ended ??= this.#remove();
    await this.#ended;
  }

  #assertOpen(): void {
    if (this.#ended === undefined) return;
    throw new KernelError(
      'ERR_CLOSED',
      `${JSON.stringify(this.#options.record.name)} was committed or discarded already`,
    );
  }

  async #commit({ signal }: AbortOptions): Promise<void> {
    try {
      const arrival = await this.#verify(signal);
      signal?.throwIfAborted();
      await this.#options.placement.place(arrival);
    } finally {
      await this.#remove();
    }
  }

  /** Reads back what the disk has, so that what is placed is what was promised. */
  async #verify(signal: AbortSignal | undefined): Promise<Arrival> {
    const { contents, file, path, record } = this.#options;
    await Promise.allSettled(this.#writes);
    await file.sync();
    const facts = factsOf(await file.stat());
    const { checksum, pieces } = await contents.hashOpen(file, facts?.size ?? 0, { signal });
    if (facts?.size !== record.size || checksum !== record.checksum) {
      throw new KernelError(
        'ERR_CHECKSUM',
        `${JSON.stringify(record.name)} should be ${record.checksum} of ${record.size} bytes, ` +
          `but came as ${checksum} of ${facts?.size ?? 0}`,
      );
    }
    await file.close();
    return { name: record.name, source: path, facts, pieces, local: false, scratch: true, describe: () => record };
  }

  /** Removes what is still at the partial path: after a placement that is nothing. */
  async #remove(): Promise<void> {
    const { disk, file, path } = this.#options;
    await Promise.allSettled(this.#writes);
    try {
      await file.close();
    } finally {
      this.#options.promised.end();
      await disk.remove(path);
    }
  }
}
