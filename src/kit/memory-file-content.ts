import type { Random } from '../kernel/index.ts';

/** A change since the last sync: bytes written, or a new length. */
type Change = { readonly position: number; readonly bytes: Uint8Array } | { readonly length: number };

/** The content of one file of a MemoryDisk: what reads see, and what a power cut would leave. */
export class MemoryFileContent {
  #bytes = new Uint8Array(0);
  #length = 0;
  #synced = new Uint8Array(0);
  #changes: Change[] = [];

  get length(): number {
    return this.#length;
  }

  read(position: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(Math.min(position, this.#length), Math.min(position + length, this.#length));
  }

  write(position: number, bytes: Uint8Array): void {
    this.#changes.push({ position, bytes: bytes.slice() });
    this.#put(position, bytes);
  }

  truncate(length: number): void {
    this.#changes.push({ length });
    this.#resize(length);
  }

  sync(): void {
    this.#synced = this.read(0, this.#length);
    this.#changes = [];
  }

  /**
   * Back to what was synced last. With randomness some of the changes since then reached the disk too, in any combination, and
   * of the last of those only a part: a torn write.
   */
  losePower(torn: Random | undefined): void {
    const survived = torn === undefined ? [] : this.#changes.filter(() => torn.fraction() < 0.5);
    this.#bytes = this.#synced.slice();
    this.#length = this.#bytes.length;
    for (const [index, change] of survived.entries()) {
      if ('length' in change) {
        this.#resize(change.length);
      } else {
        const share = torn !== undefined && index === survived.length - 1 ? torn.fraction() : 1;
        this.#put(change.position, change.bytes.subarray(0, Math.floor(change.bytes.length * share)));
      }
    }
    this.sync();
  }

  #put(position: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (position + bytes.length > this.#length) this.#resize(position + bytes.length);
    this.#bytes.set(bytes, position);
  }

  #resize(length: number): void {
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    } else if (length < this.#length) {
      this.#bytes.fill(0, length, this.#length);
    }
    this.#length = length;
  }
}
