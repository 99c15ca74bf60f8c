import { KernelError, toError, type NodeIndex } from '../../kernel/index.ts';

/** One change of rows: a value to put, or `undefined` to delete. */
export type RowChange = readonly [key: string, value: unknown];

/** A power cut must not take the row back: what it tells of happens next. LevelDB's option, which others ignore. */
const DURABLY = { valueEncoding: 'json', sync: true };

/** Changes that go to disk together. */
interface Batch {
  readonly changes: RowChange[];
  isDurable: boolean;
  readonly written: Promise<void>;
}

/**
 * JSON rows under one name of the index. Fails with codes of ours: ERR_INDEX_DAMAGED to read, ERR_DISK to write. What is to be written
 * while a write is under way goes with the next one, so many files that come at once cost few syncs.
 */
export class IndexRows {
  readonly #level;
  readonly #name: string;
  /** The last write that was begun; never rejects. */
  #writing: Promise<void> = Promise.resolve();
  #next: Batch | undefined;

  constructor(index: NodeIndex, name: string) {
    this.#level = index.sublevel<string, unknown>(name, { valueEncoding: 'json' });
    this.#name = name;
  }

  /** All rows, to be checked by the caller. */
  async all(): Promise<[string, unknown][]> {
    try {
      return await this.#level.iterator().all();
    } catch (error) {
      throw new KernelError('ERR_INDEX_DAMAGED', `cannot read ${this.#name} from the index`, { cause: error });
    }
  }

  /** Makes the changes all together or not at all, after those of earlier calls. */
  async write(changes: readonly RowChange[], options: { readonly durably?: boolean } = {}): Promise<void> {
    const batch = (this.#next ??= this.#begin());
    batch.changes.push(...changes);
    batch.isDurable ||= options.durably === true;
    await batch.written;
  }

  #begin(): Batch {
    const written = this.#writing.then(() => {
      this.#next = undefined;
      return this.#write(batch);
    });
    const batch: Batch = { changes: [], isDurable: false, written };
    this.#writing = written.catch(() => undefined);
    return batch;
  }

  async #write({ changes, isDurable }: Batch): Promise<void> {
    const operations = changes.map(([key, value]) =>
      value === undefined ? { type: 'del' as const, key } : { type: 'put' as const, key, value },
    );
    try {
      await this.#level.batch(operations, isDurable ? DURABLY : {});
    } catch (error) {
      const { message } = toError(error);
      throw new KernelError('ERR_DISK', `cannot write ${this.#name} to the index: ${message}`, { cause: error });
    }
  }
}
