/** Bytes of a block: the one kept while nothing is queued is small, those that bulk needs are few. */
const SMALL_BLOCK = 2 * 1024;
const BLOCK = 64 * 1024;

/**
 * Bytes in, bytes out, copied into blocks of its own: what it takes of memory is bounded by what it holds, however small
 * the pieces are that it came in.
 */
export class ByteQueue {
  #blocks: Buffer[] = [];
  /** Read position in the first block, write position in the last. */
  #from = 0;
  #to = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const block = this.#writable(bytes.length - at);
      const part = bytes.subarray(at, at + block.length - this.#to);
      block.set(part, this.#to);
      this.#to += part.length;
      at += part.length;
    }
    this.#length += bytes.length;
  }

  /** The next four bytes as a number, or `undefined` where there are fewer. */
  peekUint32(): number | undefined {
    const first = this.#blocks[0];
    if (this.#length < 4 || first === undefined) return undefined;
    if (this.#from + 4 <= first.length) return first.readUInt32BE(this.#from);
    return Buffer.concat([first.subarray(this.#from), this.#blocks[1] ?? Buffer.alloc(4)]).readUInt32BE(0);
  }

  /** Takes out the next `length` bytes, which are there. */
  shift(length: number): Uint8Array {
    const taken = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const part = this.#blocks[0]?.subarray(this.#from, this.#from + length - at) ?? new Uint8Array(length - at);
      taken.set(part, at);
      at += part.length;
      this.#pass(part.length);
    }
    return taken;
  }

  #writable(wanted: number): Buffer {
    const last = this.#blocks.at(-1);
    if (last !== undefined && this.#to < last.length) return last;
    const isFirst = last === undefined && wanted <= SMALL_BLOCK;
    const block = Buffer.allocUnsafeSlow(isFirst ? SMALL_BLOCK : BLOCK);
    this.#blocks.push(block);
    this.#to = 0;
    return block;
  }

  #pass(count: number): void {
    this.#from += count;
    this.#length -= count;
    const first = this.#blocks[0];
    if (this.#length === 0) {
      if (first?.length !== SMALL_BLOCK) this.#blocks = [];
      this.#from = 0;
      this.#to = 0;
    } else if (this.#from === first?.length) {
      this.#blocks.shift();
      this.#from = 0;
    }
  }
}
