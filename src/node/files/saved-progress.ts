import { errorCode, toError, type Clock, type DiskFile, type Logger, type Timer } from '../../kernel/index.ts';
import type { PartialPlace } from './partial-files.ts';

export interface SavedProgressOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of the file, for the log. */
  readonly name: string;
  /** The partial file, open for writing. */
  readonly file: Pick<DiskFile, 'sync'>;
  readonly place: Pick<PartialPlace, 'save'>;
  /** What the file has, as PieceSet.toBytes. */
  readonly held: () => Uint8Array;
}

/** Longest time that what was written is not saved, in ms: what a crash costs. */
const SAVE_MS = 1_000;

/**
 * Bytes written after which it is saved sooner: so that the disk has work while more comes, and the end of the file does not wait until all that the
 * system held back is written.
 */
const SAVE_BYTES = 64 * 1024 * 1024;

/** Has what came of a file, and the list of it, written to the disk while more comes. */
export class SavedProgress {
  readonly #options: SavedProgressOptions;
  #unsaved = 0;
  #timer: Timer | undefined;
  #saving: Promise<void> | undefined;
  #isEnding = false;
  #loss: Error | undefined;

  constructor(options: SavedProgressOptions) {
    this.#options = options;
  }

  /**
   * Why the disk may not have what was written, whatever reads of it say: a system tells of a write that failed behind our back by one sync, and takes
   * it for written from then on (fsync(2), Notes). Nothing can come of the file then.
   */
  get loss(): Error | undefined {
    return this.#loss;
  }

  /** So many bytes more were written. */
  written(bytes: number): void {
    if (this.#isEnding) return;
    this.#unsaved += bytes;
    if (this.#unsaved >= SAVE_BYTES) this.#saveBeside();
    else this.#timer ??= this.#options.clock.setTimer(SAVE_MS, () => this.#saveBeside());
  }

  /** Resolves when nothing is being saved, and lets nothing be saved any more but by `save`. */
  async settle(): Promise<void> {
    this.#isEnding = true;
    this.#timer?.cancel();
    await this.#saving;
  }

  /** Writes down what the file has, once the disk has that. Never rejects: without it a crash costs more. */
  async save(): Promise<void> {
    const { held, logger, name, place } = this.#options;
    const saved = held();
    try {
      await this.sync();
      await place.save(saved);
    } catch (error) {
      logger.warn('transfer.progress_not_saved', { name, error: toError(error).message });
    }
  }

  /** Rejects as the file does, and with what was lost before. */
  async sync(): Promise<void> {
    if (this.#loss !== undefined) throw this.#loss;
    try {
      await this.#options.file.sync();
    } catch (error) {
      if (mayHaveLost(error)) this.#loss = toError(error);
      throw error;
    }
  }

  #saveBeside(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    // A disk that is still at it is not asked for more.
    if (this.#saving !== undefined) return;
    this.#unsaved = 0;
    this.#saving = this.save().finally(() => (this.#saving = undefined));
  }
}

/** Whoever was not let to sync has lost nothing. */
function mayHaveLost(error: unknown): boolean {
  return errorCode(error) !== 'ERR_ACCESS_DENIED';
}
