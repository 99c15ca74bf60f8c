import { errorCode, type AbortOptions } from '../../kernel/index.ts';
import type { FileStore, IncomingFile, ServedFile } from '../files/file-store.ts';
import type { FileRecord } from '../records.ts';

/** The files of the folder, and behind them what is kept for others: both are served, and what is fetched goes into the folder. */
export class SharedStore implements FileStore {
  readonly #folder: FileStore;
  readonly #replicas: Pick<FileStore, 'open' | 'holds'>;

  constructor(folder: FileStore, replicas: Pick<FileStore, 'open' | 'holds'>) {
    this.#folder = folder;
    this.#replicas = replicas;
  }

  /** Whether the folder holds it. */
  holds(name: string, checksum: string): boolean {
    return this.#folder.holds(name, checksum);
  }

  async open(name: string, checksum: string): Promise<ServedFile> {
    const isReplica = !this.#folder.holds(name, checksum) && this.#replicas.holds(name, checksum);
    if (!isReplica) return this.#folder.open(name, checksum);
    try {
      return await this.#replicas.open(name, checksum);
    } catch (error) {
      // It may be on its way into the folder.
      if (errorCode(error) !== 'ERR_FILE_CHANGED') throw error;
      return this.#folder.open(name, checksum);
    }
  }

  receive(record: FileRecord, options?: AbortOptions): Promise<IncomingFile> {
    return this.#folder.receive(record, options);
  }
}
