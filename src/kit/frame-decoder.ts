import { KernelError } from '../kernel/index.ts';
import type { Mark } from './frame-channel.ts';
import { uninitialised } from './uninitialised.ts';

/** Bytes of the length before each frame, in network byte order. */
const LENGTH_BYTES = 4;
/** Lengths that stand for marks: no frame is so long. */
const MARK_LENGTHS = { closing: 0xffff_ffff, received: 0xffff_fffe } as const;
/** Memory that the first frame gets before any of it has come; it doubles as more comes. */
const FIRST_ALLOCATION = 64 * 1024;

/** The four bytes that go before a frame of this length. */
export function frameHeader(length: number): Uint8Array {
  return networkOrder(length);
}

/** The four bytes of a mark. */
export function encodeMark(mark: Mark): Uint8Array {
  return networkOrder(MARK_LENGTHS[mark]);
}

/** Who hears what a decoder finds. */
export interface FrameSink {
  frame(frame: Uint8Array): void;
  mark(mark: Mark): void;
}

/**
 * Takes a stream of bytes apart into frames with a four-byte length before each, and marks. The length is checked before memory is taken,
 * and memory grows with what has come, not with what is announced: a frame no longer than one that came before gets its memory at once, so that
 * a stream of long frames is copied once. Each frame has memory of its own.
 */
export class FrameDecoder {
  readonly #maxFrameLength: number;
  readonly #sink: FrameSink;
  #length = 0;
  /** Bytes of the length that have come; all of them while a frame's bytes come. */
  #lengthBytes = 0;
  #bytes = new Uint8Array(0);
  #filled = 0;
  /** Memory that a frame gets before any of it has come. */
  #trusted = FIRST_ALLOCATION;

  constructor(maxFrameLength: number, sink: FrameSink) {
    this.#maxFrameLength = maxFrameLength;
    this.#sink = sink;
  }

  /**
   * Takes the next bytes, which stay the caller's.
   *
   * @throws ERR_FRAME_TOO_LARGE; the decoder is of no use then.
   */
  push(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      offset = this.#lengthBytes < LENGTH_BYTES ? this.#takeLength(chunk, offset) : this.#takeBytes(chunk, offset);
    }
  }

  #takeLength(chunk: Uint8Array, start: number): number {
    let offset = start;
    while (this.#lengthBytes < LENGTH_BYTES && offset < chunk.length) {
      this.#length = this.#length * 0x100 + (chunk[offset++] ?? 0);
      this.#lengthBytes++;
    }
    if (this.#lengthBytes === LENGTH_BYTES) this.#begin();
    return offset;
  }

  #begin(): void {
    if (this.#length === MARK_LENGTHS.closing || this.#length === MARK_LENGTHS.received) {
      const mark = this.#length === MARK_LENGTHS.closing ? 'closing' : 'received';
      this.#reset();
      this.#sink.mark(mark);
      return;
    }
    if (this.#length > this.#maxFrameLength) {
      const text = `the peer announces a frame of ${this.#length} bytes; the limit is ${this.#maxFrameLength}`;
      throw new KernelError('ERR_FRAME_TOO_LARGE', text);
    }
    this.#bytes = uninitialised(Math.min(this.#length, this.#trusted));
    this.#filled = 0;
    this.#endIfWhole();
  }

  #takeBytes(chunk: Uint8Array, start: number): number {
    const end = Math.min(start + this.#length - this.#filled, chunk.length);
    this.#ensureRoom(this.#filled + end - start);
    this.#bytes.set(chunk.subarray(start, end), this.#filled);
    this.#filled += end - start;
    this.#endIfWhole();
    return end;
  }

  #ensureRoom(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const larger = uninitialised(Math.min(Math.max(needed, 2 * this.#bytes.length), this.#length));
    larger.set(this.#bytes.subarray(0, this.#filled));
    this.#bytes = larger;
  }

  #endIfWhole(): void {
    if (this.#filled < this.#length) return;
    const frame = this.#bytes;
    this.#trusted = Math.max(this.#trusted, frame.length);
    this.#reset();
    this.#sink.frame(frame);
  }

  #reset(): void {
    this.#length = 0;
    this.#lengthBytes = 0;
    this.#bytes = new Uint8Array(0);
    this.#filled = 0;
  }
}

function networkOrder(value: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
