import type { Clock, Disk, Random } from '../../kernel/index.ts';
import { MemoryDisk, nodeDisk, splitEntryPath } from '../../kit/index.ts';
import type { OutsideWork } from './outside-work.ts';
import { wrappedDisk } from './wrapped-disk.ts';

/** The folder of a simulated machine: what its node sees, and what happens to it beside the node. It outlives each run of the node. */
export interface NodeFolder {
  readonly disk: Disk;
  /** A user puts a whole file there, with its directories. */
  put(path: string, content: Uint8Array): Promise<void>;
  /** The whole content of a file; `undefined` where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Makes the folder, where it is not there; before each run of the node. */
  open(): Promise<void>;
  /** The node's process is no more: nobody watches. */
  close(): void;
  /** The machine has lost its power. */
  losePower(torn: Random): void;
}

/** A folder in memory. What was not synced is lost with the power, or torn. */
export class MemoryFolder implements NodeFolder {
  readonly disk: MemoryDisk;

  constructor(clock: Clock) {
    this.disk = new MemoryDisk({ clock });
  }

  async put(path: string, content: Uint8Array): Promise<void> {
    this.disk.put(path, content);
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.disk.peek(path);
  }

  async open(): Promise<void> {
    // It is always there.
  }

  close(): void {
    // Whoever watches from a dead process hears of nothing.
  }

  losePower(torn: Random): void {
    this.disk.crash({ torn });
  }
}

export interface RealFolderOptions {
  /** An existing directory of the system. */
  readonly parent: string;
  /** The folder's name in it; made where it is not there. */
  readonly name: string;
  /** Counts what the disk is doing. */
  readonly work: OutsideWork;
}

/** A folder of the system's file system. Losing power takes nothing from it. */
export class RealFolder implements NodeFolder {
  readonly disk: Disk;
  readonly #options: RealFolderOptions;
  readonly #watches = new Set<AbortController>();

  constructor(options: RealFolderOptions) {
    const { parent, name, work } = options;
    const disk = nodeDisk(`${parent}/${name}`);
    this.#options = options;
    this.disk = wrappedDisk(disk, {
      around: (operation) => work.run(operation),
      watch: (directory, { signal }) => this.#watch(disk, directory, signal),
    });
  }

  async put(path: string, content: Uint8Array): Promise<void> {
    const { parents } = splitEntryPath(path);
    if (parents.length > 0) await this.disk.makeDirectory(parents.join('/'));
    await using file = await this.disk.open(path, 'write');
    await file.truncate(0);
    await file.write(0, [content]);
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    if ((await this.disk.stat(path))?.kind !== 'file') return undefined;
    await using file = await this.disk.open(path, 'read');
    return await file.read(0, (await file.stat()).size);
  }

  async open(): Promise<void> {
    const { parent, name, work } = this.#options;
    await work.run(() => nodeDisk(parent).makeDirectory(name));
  }

  close(): void {
    for (const watch of this.#watches) watch.abort();
  }

  losePower(): void {
    // A power cut cannot be had of a real disk: what was written stays.
  }

  /** Ends with the process, which has no time to end it itself. */
  async *#watch(
    disk: Disk,
    directory: string,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<string, void, undefined> {
    const over = new AbortController();
    const end = () => over.abort();
    this.#watches.add(over);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted === true) end();
    try {
      yield* disk.watch(directory, { signal: over.signal });
    } finally {
      signal?.removeEventListener('abort', end);
      this.#watches.delete(over);
    }
  }
}
