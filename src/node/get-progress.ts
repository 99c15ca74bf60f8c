import type { TransferProgress } from './api.ts';

/** Adds up what has come of several files. One that failed counts no more. */
export class GetProgress {
  readonly #sizes: readonly number[];
  readonly #onProgress: ((progress: TransferProgress) => void) | undefined;
  /** By index, of the files that are on their way. */
  readonly #coming = new Map<number, number>();
  #size: number;
  #received = 0;
  #ended = 0;

  constructor(sizes: readonly number[], onProgress: ((progress: TransferProgress) => void) | undefined) {
    this.#sizes = sizes;
    this.#onProgress = onProgress;
    this.#size = sizes.reduce((sum, size) => sum + size, 0);
  }

  /** So much of one file is here. */
  received(index: number, { received, source }: TransferProgress): void {
    this.#count(index, received);
    const files = { ended: this.#ended, of: this.#sizes.length };
    this.#onProgress?.({ received: this.#received, size: this.#size, source, files });
  }

  /** One file is here whole, or will not come. */
  ended(index: number, isHere: boolean): void {
    const size = this.#sizes[index] ?? 0;
    this.#count(index, isHere ? size : 0);
    if (!isHere) this.#size -= size;
    this.#coming.delete(index);
    this.#ended++;
  }

  #count(index: number, received: number): void {
    this.#received += received - (this.#coming.get(index) ?? 0);
    this.#coming.set(index, received);
  }
}
