import { uninitialised } from '../../kit/index.ts';

const LENGTH_BYTES = 4;

/** The frames of a stream of bytes in which each has its length before it, in four bytes. They end where the chunks do. */
export function framesOf(chunks: AsyncIterator<Uint8Array>): AsyncIterator<Uint8Array> {
  const frames = new FrameAssembler();
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    for (;;) {
      const frame = frames.take();
      if (frame !== undefined) return { done: false, value: frame };
      const result = await chunks.next();
      if (result.done === true) return { done: true, value: undefined };
      frames.push(result.value);
    }
  };
  return { next };
}

/** The four bytes before a frame. */
export function lengthPrefix(frame: Uint8Array): Buffer {
  const prefix = Buffer.allocUnsafe(LENGTH_BYTES);
  prefix.writeUInt32BE(frame.length);
  return prefix;
}

/** Puts frames together from the chunks of a stream. */
class FrameAssembler {
  #chunk: Uint8Array = new Uint8Array(0);
  #offset = 0;
  readonly #header = Buffer.alloc(LENGTH_BYTES);
  #headerFilled = 0;
  #frame: Uint8Array | undefined;
  #filled = 0;

  /** To be called when `take` has nothing more. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** The next frame, in memory of its own; undefined where more bytes are needed. */
  take(): Uint8Array | undefined {
    if (this.#frame === undefined) {
      this.#headerFilled += this.#copyInto(this.#header, this.#headerFilled);
      if (this.#headerFilled < LENGTH_BYTES) return undefined;
      this.#frame = uninitialised(this.#header.readUInt32BE());
      this.#filled = 0;
    }
    this.#filled += this.#copyInto(this.#frame, this.#filled);
    if (this.#filled < this.#frame.length) return undefined;
    const frame = this.#frame;
    this.#frame = undefined;
    this.#headerFilled = 0;
    return frame;
  }

  #copyInto(target: Uint8Array, start: number): number {
    const length = Math.min(target.length - start, this.#chunk.length - this.#offset);
    target.set(this.#chunk.subarray(this.#offset, this.#offset + length), start);
    this.#offset += length;
    return length;
  }
}
