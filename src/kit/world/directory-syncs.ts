import { syncDirectory } from './durable.ts';

interface Syncing {
  readonly running: Promise<void>;
  /** The sync that begins when this one has ended, for those who came meanwhile. */
  next: Promise<void> | undefined;
}

/**
 * Syncs directories for any number of callers at once: whoever comes while a directory is being synced shares the next sync with all who come
 * meanwhile, since the one under way may have begun before what he did. So many files that get their names at once cost few syncs.
 */
export class DirectorySyncs {
  readonly #sync: (path: string) => Promise<void>;
  readonly #syncing = new Map<string, Syncing>();

  constructor(sync: (path: string) => Promise<void> = syncDirectory) {
    this.#sync = sync;
  }

  /** Resolves when what was done in the directory before the call survives a power cut. Rejects as the system does. */
  sync(path: string): Promise<void> {
    const syncing = this.#syncing.get(path);
    if (syncing === undefined) return this.#start(path);
    syncing.next ??= syncing.running.then(
      () => this.#start(path),
      () => this.#start(path),
    );
    return syncing.next;
  }

  #start(path: string): Promise<void> {
    const syncing: Syncing = { running: this.#sync(path), next: undefined };
    this.#syncing.set(path, syncing);
    const ended = () => {
      if (syncing.next === undefined) this.#syncing.delete(path);
    };
    syncing.running.then(ended, ended);
    return syncing.running;
  }
}
