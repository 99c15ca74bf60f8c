import { errorCode, toError, type Clock, type Hasher, type Logger } from '../../kernel/index.ts';
import type { TokenBucket } from '../../kit/token-bucket.ts';
import type { ServedFile } from '../files/file-store.ts';
import { readManifest } from '../files/manifest-table.ts';
import { WorkLanes } from '../files/work-lanes.ts';
import { isPiece, pieceCount, pieceRange } from '../pieces/manifest.ts';
import type { ReplicaStore } from './replica-store.ts';

export interface ReplicaChecksOptions {
  readonly replicas: Pick<ReplicaStore, 'holds' | 'open' | 'drop'>;
  readonly hasher: Pick<Hasher, 'hashPiece'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bounds what is read in a second. */
  readonly rate: TokenBucket;
}

/** How long a replica that was found sound is not read again, in ms: else whoever says that it is rotten keeps the disk busy. */
const SOUND_MS = 60 * 60 * 1000;

/**
 * Reads a replica once more when somebody who was sent a part of it says that this is wrong. A rotten one is given up, and the responsible
 * node has another made. What rots under the same size and date nobody would notice otherwise.
 */
export class ReplicaChecks {
  readonly #options: ReplicaChecksOptions;
  readonly #closing = new AbortController();
  /** One at a time: nothing waits for it. Each by name and checksum. */
  readonly #lane: WorkLanes;
  readonly #doubted = new Map<string, { readonly name: string; readonly checksum: string }>();
  /** Until when, by the clock, what was found sound is believed to be. */
  readonly #soundUntil = new Map<string, number>();

  constructor(options: ReplicaChecksOptions) {
    this.#options = options;
    this.#lane = new WorkLanes(1, (key) => this.#check(key));
  }

  /** Somebody says that a replica is not what it should be. Nothing happens where none is kept. */
  doubt(name: string, checksum: string): void {
    const { clock, replicas } = this.#options;
    const key = `${checksum}/${name}`;
    if (!replicas.holds(name, checksum) || clock.now() < (this.#soundUntil.get(key) ?? -Infinity)) return;
    this.#doubted.set(key, { name, checksum });
    this.#lane.add(key);
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#lane.close();
  }

  async #check(key: string): Promise<void> {
    const doubted = this.#doubted.get(key);
    this.#doubted.delete(key);
    if (doubted === undefined) return;
    const { logger, replicas } = this.#options;
    const { name, checksum } = doubted;
    try {
      // One that changed is given up by the opening.
      const served = await replicas.open(name, checksum);
      const wrong = await this.#firstWrong(served).finally(() => served.file.close());
      if (wrong === undefined) this.#believe(key);
      else {
        logger.warn('replica.rotten', { name, checksum, piece: wrong });
        await replicas.drop(served.record);
      }
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      logger.warn('replica.not_checked', { name, code: errorCode(error), error: toError(error).message });
    }
  }

  async #firstWrong({ file, manifest: encoded }: ServedFile): Promise<number | undefined> {
    const { hasher, rate } = this.#options;
    const manifest = readManifest(encoded);
    if (manifest === undefined) return undefined;
    for (let piece = 0; piece < pieceCount(manifest); piece++) {
      const { position, length } = pieceRange(manifest, piece);
      await rate.take(length, { signal: this.#closing.signal });
      if (!isPiece(manifest, piece, hasher.hashPiece(await file.read(position, length)))) return piece;
    }
    return undefined;
  }

  #believe(key: string): void {
    const now = this.#options.clock.now();
    for (const [other, until] of this.#soundUntil) if (until <= now) this.#soundUntil.delete(other);
    this.#soundUntil.set(key, now + SOUND_MS);
  }
}
