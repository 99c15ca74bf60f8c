import { toError, type Disk, type Logger } from '../../kernel/index.ts';

export interface DirectoryWatchesOptions {
  readonly disk: Pick<Disk, 'watch'>;
  readonly logger: Logger;
  /** Something happened to an entry of a directory, or, where the name is '', to any of them. */
  onChange(directory: string, name: string): void;
  /** A directory went, or can no longer be watched; it is no longer known. */
  onGone(directory: string): void;
}

/** Directories watched at once; systems have few watches to give. What is beyond is left to the scan. */
const MAX_WATCHES = 8_192;

/** The directories of the folder that are known, each watched for changes of its entries. */
export class DirectoryWatches {
  readonly #options: DirectoryWatchesOptions;
  readonly #watches = new Map<string, AbortController>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: DirectoryWatchesOptions) {
    this.#options = options;
  }

  has(directory: string): boolean {
    return this.#watches.has(directory);
  }

  /** Knows and watches a directory from now on. */
  add(directory: string): void {
    if (this.#watches.has(directory)) return;
    const controller = new AbortController();
    this.#watches.set(directory, controller);
    if (this.#watches.size > MAX_WATCHES) return;
    const running = this.#run(directory, controller).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Forgets a directory and those below it. */
  remove(directory: string): void {
    for (const [known, controller] of this.#watches) {
      if (known !== directory && !known.startsWith(`${directory}/`)) continue;
      this.#watches.delete(known);
      controller.abort();
    }
  }

  /** Ends all watches. */
  async close(): Promise<void> {
    for (const controller of this.#watches.values()) controller.abort();
    this.#watches.clear();
    await Promise.all(this.#running);
  }

  async #run(directory: string, controller: AbortController): Promise<void> {
    const { disk, logger, onChange, onGone } = this.#options;
    const { signal } = controller;
    try {
      for await (const name of disk.watch(directory, { signal })) if (!signal.aborted) onChange(directory, name);
    } catch (error) {
      // Watches are hints: without this one the scan finds what changes.
      logger.debug('folder.watch_failed', { directory, error: toError(error).message });
    }
    // It may have come again under the same name: the next scan adds it anew.
    if (this.#watches.get(directory) !== controller) return;
    this.#watches.delete(directory);
    onGone(directory);
  }
}
