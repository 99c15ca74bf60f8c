import { KernelError, toError, type Logger, type NodeIndex } from '../../kernel/index.ts';
import { GatheredCalls } from '../../kit/gathered-calls.ts';
import { decodeManifest, encodeManifest, manifestHash, type Manifest } from '../pieces/manifest.ts';

export interface ManifestTableOptions {
  readonly index: NodeIndex;
  readonly logger: Logger;
}

/** Manifests read at a time. */
const READ_AT_ONCE = 64;

/** Keys read at a time. */
const KEYS_AT_ONCE = 1_000;

/**
 * The manifests of what the folder holds and of what is on its way into it, in the index on disk, by their hash. Each is there for as long as
 * somebody retains it. Changes are gathered, and written when `save` and `prune` are called: before, and after, the rows that name them.
 */
export class ManifestTable {
  readonly #level;
  readonly #logger: Logger;
  /** How often each is retained. */
  readonly #retained = new Map<string, number>();
  /** Those not yet on disk. */
  readonly #unsaved = new Map<string, Uint8Array>();
  /** Those on disk that nobody retains any more. */
  readonly #unwanted = new Set<string>();
  /** Those that were on disk at the start, until it is known who retains them. */
  #found = new Set<string>();
  #writing: Promise<void> = Promise.resolve();
  readonly #reads: GatheredCalls<string, Uint8Array | undefined>;
  #observer: (hash: string) => void = () => undefined;

  constructor({ index, logger }: ManifestTableOptions) {
    this.#level = index.sublevel<string, Uint8Array>('manifests', { valueEncoding: 'view' });
    this.#logger = logger;
    this.#reads = new GatheredCalls((hashes) => this.#level.getMany([...hashes]), READ_AT_ONCE);
  }

  /** Finds what is on disk. Before everything else. Rejects with ERR_INDEX_DAMAGED. */
  async open(): Promise<void> {
    try {
      await this.#level.open();
      const keys = this.#level.keys();
      for (let some = await keys.nextv(KEYS_AT_ONCE); some.length > 0; some = await keys.nextv(KEYS_AT_ONCE)) {
        for (const key of some) this.#found.add(key);
      }
      await keys.close();
    } catch (error) {
      throw new KernelError('ERR_INDEX_DAMAGED', 'cannot read manifests from the index', { cause: error });
    }
  }

  /** Removes what nobody retains. Once all who retain something of an earlier run have said so. */
  async sweep(): Promise<void> {
    for (const hash of this.#found) if (!this.#retained.has(hash)) this.#unwanted.add(hash);
    this.#found = new Set();
    await this.prune();
  }

  /** The manifest in its encoded form; `undefined` where there is none that is there to stay, or it is damaged. */
  async get(hash: string): Promise<Uint8Array | undefined> {
    const unsaved = this.#unsaved.get(hash);
    if (unsaved !== undefined || !this.has(hash)) return unsaved;
    return this.#sound(hash, await this.#reads.call(hash).catch(() => undefined));
  }

  /** As `get`, at once: for the few times when a record changes and its content does not. */
  getNow(hash: string): Uint8Array | undefined {
    return this.#unsaved.get(hash) ?? this.#sound(hash, this.#level.getSync(hash));
  }

  /** Whether it is there to stay: somebody retains it, or may yet say so after the start. */
  has(hash: string): boolean {
    return this.#retained.has(hash) || this.#found.has(hash);
  }

  /** Puts a manifest in; it goes with the next `prune` unless somebody retains it until then. Returns its hash. @throws ERR_MANIFEST */
  put(manifest: Manifest): string {
    const encoded = encodeManifest(manifest);
    const hash = manifestHash(encoded);
    this.putEncoded(hash, encoded);
    return hash;
  }

  /** As `put`, of one whose hash was checked. */
  putEncoded(hash: string, encoded: Uint8Array): void {
    if (!this.#retained.has(hash)) this.#unwanted.add(hash);
    this.#unsaved.set(hash, encoded);
  }

  /** Calls back with each manifest that is retained from now on, once. One observer. */
  observe(observer: (hash: string) => void): void {
    this.#observer = observer;
  }

  /** Keeps a manifest until as many calls of `release`. '' stands for none. */
  retain(hash: string): void {
    if (hash === '') return;
    const count = this.#retained.get(hash) ?? 0;
    this.#retained.set(hash, count + 1);
    this.#unwanted.delete(hash);
    if (count === 0) this.#observer(hash);
  }

  release(hash: string): void {
    const count = this.#retained.get(hash);
    if (count === undefined) return;
    if (count > 1) {
      this.#retained.set(hash, count - 1);
      return;
    }
    this.#retained.delete(hash);
    this.#unwanted.add(hash);
  }

  /** Writes what is retained and not yet on disk. Rejects with ERR_DISK; what is missing is tried again at the next call. */
  async save(): Promise<void> {
    const saved = [...this.#unsaved].filter(([hash]) => this.#retained.has(hash));
    if (saved.length === 0) return;
    await this.#write(saved.map(([key, value]) => ({ type: 'put' as const, key, value })));
    for (const [hash, encoded] of saved) if (this.#unsaved.get(hash) === encoded) this.#unsaved.delete(hash);
  }

  /** Removes what nobody retains. Rejects with ERR_DISK; what is left is tried again at the next call. */
  async prune(): Promise<void> {
    const removed = [...this.#unwanted];
    if (removed.length === 0) return;
    for (const hash of removed) this.#unsaved.delete(hash);
    this.#unwanted.clear();
    try {
      await this.#write(removed.map((key) => ({ type: 'del' as const, key })));
    } catch (error) {
      for (const hash of removed) if (!this.#retained.has(hash)) this.#unwanted.add(hash);
      throw error;
    }
  }

  async #write(
    operations: ({ type: 'put'; key: string; value: Uint8Array } | { type: 'del'; key: string })[],
  ): Promise<void> {
    // One after the other: what is removed and put in again at once must end up there.
    const written = this.#writing.then(() => this.#level.batch(operations));
    this.#writing = written.catch(() => undefined);
    try {
      await written;
    } catch (error) {
      const { message } = toError(error);
      throw new KernelError('ERR_DISK', `cannot write manifests to the index: ${message}`, { cause: error });
    }
  }

  #sound(hash: string, encoded: Uint8Array | undefined): Uint8Array | undefined {
    if (encoded === undefined) return undefined;
    if (manifestHash(encoded) === hash) return encoded;
    this.#logger.warn('index.row_ignored', { sublevel: 'manifests', key: hash });
    return undefined;
  }
}

/** The manifest that some bytes of the table are; `undefined` where they are none. */
export function readManifest(encoded: Uint8Array | undefined): Manifest | undefined {
  try {
    return encoded === undefined ? undefined : decodeManifest(encoded);
  } catch {
    return undefined;
  }
}
