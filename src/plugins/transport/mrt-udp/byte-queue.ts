import { BLOCK_LENGTH, type BlockSource } from './block-pool.ts';

/**
 * Bytes in, bytes out, by their offset since the first, copied into borrowed blocks: what it takes of memory is bounded by what it
 * holds, however small the pieces are that it came in.
 */
export class ByteQueue {
  readonly #pool: BlockSource;
  #blocks: (Buffer | undefined)[] = [];
  /** Index in #blocks of the first block held, and the offset at which #blocks[0] starts. */
  #head = 0;
  #base = 0;
  #start = 0;
  #end = 0;

  constructor(pool: BlockSource) {
    this.#pool = pool;
  }

  /** Offset of the first byte held, and after the last. */
  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const position = (this.#end - this.#base) % BLOCK_LENGTH;
      const block = this.#blockToFill(position);
      const length = Math.min(bytes.length - at, BLOCK_LENGTH - position);
      block.set(length === bytes.length ? bytes : bytes.subarray(at, at + length), position);
      this.#end += length;
      at += length;
    }
  }

  pushUint32(value: number): void {
    const position = (this.#end - this.#base) % BLOCK_LENGTH;
    if (position + 4 <= BLOCK_LENGTH) {
      this.#blockToFill(position).writeUInt32BE(value, position);
      this.#end += 4;
      return;
    }
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32BE(value, 0);
    this.push(bytes);
  }

  /** Four bytes that are held as a number, or `undefined` where they have not all come. */
  peekUint32(offset: number): number | undefined {
    if (offset + 4 > this.#end) return undefined;
    const position = (offset - this.#base) % BLOCK_LENGTH;
    if (position + 4 <= BLOCK_LENGTH) return this.#blockAt(offset)?.readUInt32BE(position);
    const bytes = Buffer.allocUnsafe(4);
    this.copy(offset, offset + 4, bytes, 0);
    return bytes.readUInt32BE(0);
  }

  /** Copies what is held from offset `start` up to `end` into `target` from `position` on. */
  copy(start: number, end: number, target: Uint8Array, position: number): void {
    for (let at = start; at < end;) {
      const block = this.#blockAt(at);
      if (block === undefined) return;
      const from = (at - this.#base) % BLOCK_LENGTH;
      const length = Math.min(end - at, BLOCK_LENGTH - from);
      block.copy(target, position + at - start, from, from + length);
      at += length;
    }
  }

  /** Forgets what is before an offset. */
  release(offset: number): void {
    this.#start = Math.max(this.#start, Math.min(offset, this.#end));
    if (this.#start === this.#end) {
      this.clear();
      return;
    }
    const first = this.#indexOf(this.#start);
    for (; this.#head < first; this.#head += 1) this.#giveBack(this.#head);
    if (this.#head < 64 || this.#head * 2 < this.#blocks.length) return;
    this.#blocks = this.#blocks.slice(this.#head);
    this.#base += this.#head * BLOCK_LENGTH;
    this.#head = 0;
  }

  /** Forgets everything; the next byte has the offset after the last. */
  clear(): void {
    for (; this.#head < this.#blocks.length; this.#head += 1) this.#giveBack(this.#head);
    this.#blocks.length = 0;
    this.#head = 0;
    this.#base = this.#start = this.#end;
  }

  /** The block that the next byte goes into, at this position of it. */
  #blockToFill(position: number): Buffer {
    const last = position === 0 ? undefined : this.#blocks.at(-1);
    if (last !== undefined) return last;
    const block = this.#pool.take();
    this.#blocks.push(block);
    return block;
  }

  #giveBack(index: number): void {
    const block = this.#blocks[index];
    this.#blocks[index] = undefined;
    if (block !== undefined) this.#pool.give(block);
  }

  #indexOf(offset: number): number {
    return Math.floor((offset - this.#base) / BLOCK_LENGTH);
  }

  #blockAt(offset: number): Buffer | undefined {
    return this.#blocks[this.#indexOf(offset)];
  }
}
