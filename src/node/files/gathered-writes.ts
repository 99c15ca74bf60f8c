import { toError, type DiskFile } from '../../kernel/index.ts';
import { deferred, type Deferred } from '../../kit/deferred.ts';

/** Bytes that are written at once where they come in parts. */
const MOST_BYTES = 1024 * 1024;

interface Waiting {
  readonly position: number;
  readonly bytes: Uint8Array;
  readonly written: Deferred<undefined>;
}

/**
 * Writes ranges of one file, one call at a time: those that wait and follow each other go out together, since a call costs about as much for all of
 * them as for one.
 */
export class GatheredWrites {
  readonly #file: Pick<DiskFile, 'write'>;
  /** In the order in which they came. */
  readonly #waiting: Waiting[] = [];
  #underWay: Promise<void> | undefined;

  constructor(file: Pick<DiskFile, 'write'>) {
    this.#file = file;
  }

  /** Resolves when the bytes, which nobody changes until then, are written. Rejects as the file does. */
  async write(position: number, bytes: Uint8Array): Promise<void> {
    const written = deferred<undefined>();
    this.#waiting.push({ position, bytes, written });
    this.#underWay ??= this.#writeAll();
    await written.promise;
  }

  /** Resolves when nothing waits and nothing is being written. Never rejects. */
  async settled(): Promise<void> {
    await this.#underWay;
  }

  async #writeAll(): Promise<void> {
    for (let first = this.#waiting.shift(); first !== undefined; first = this.#waiting.shift()) {
      const batch = [first, ...this.#following(first)];
      try {
        const parts = batch.map(({ bytes }) => bytes);
        await this.#file.write(first.position, parts);
        for (const { written } of batch) written.resolve(undefined);
      } catch (error) {
        for (const { written } of batch) written.reject(toError(error));
      }
    }
    this.#underWay = undefined;
  }

  /** Takes what goes on where a range ends out of what waits. */
  #following({ bytes, position }: Waiting): Waiting[] {
    const following: Waiting[] = [];
    for (let end = position + bytes.length; ;) {
      const at = this.#waiting.findIndex((each) => each.position === end);
      const next = this.#waiting[at];
      if (next === undefined || end + next.bytes.length > position + MOST_BYTES) return following;
      this.#waiting.splice(at, 1);
      following.push(next);
      end += next.bytes.length;
    }
  }
}
