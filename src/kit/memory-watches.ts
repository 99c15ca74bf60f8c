import { ChangedNames } from './changed-names.ts';
import type { MemoryDirectory } from './memory-tree.ts';

/** Who watches which directory of a MemoryDisk. */
export class MemoryWatches {
  readonly #watches = new Map<MemoryDirectory, Set<ChangedNames>>();

  /** The names that `report` is called with, until the signal aborts or the watch is ended. */
  async *watch(directory: MemoryDirectory, signal: AbortSignal | undefined): AsyncGenerator<string, void, undefined> {
    const changed = new ChangedNames();
    const end = () => changed.end();
    const watches = this.#watches.get(directory) ?? new Set();
    this.#watches.set(directory, watches.add(changed));
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted === true) end();
    try {
      yield* changed;
    } finally {
      watches.delete(changed);
      if (watches.size === 0) this.#watches.delete(directory);
      signal?.removeEventListener('abort', end);
    }
  }

  report(directory: MemoryDirectory, name: string): void {
    for (const watch of this.#watches.get(directory) ?? []) watch.add(name);
  }

  /** Ends the watches of a directory that goes. */
  end(directory: MemoryDirectory): void {
    for (const watch of this.#watches.get(directory) ?? []) watch.end();
  }

  endAll(): void {
    for (const directory of this.#watches.keys()) this.end(directory);
  }
}
