import { seededRandom } from '../../kit/index.ts';

const NUMBER_BYTES = 4;

/**
 * What the frames of a measurement hold: their number, then bytes that a seed repeats, so that each end knows what has to arrive. The
 * bytes do not compress.
 */
export class FrameContent {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** Of frames of `length` bytes, at least 4. */
  constructor(length: number, seed: number) {
    this.length = length;
    this.#bytes = seededRandom(seed).bytes(length);
    this.#view = new DataView(this.#bytes.buffer);
    if (length < NUMBER_BYTES) throw new RangeError(`a frame of ${length} bytes cannot hold its number`);
  }

  /** The frame of a number: the same memory at each call. */
  frame(number: number): Uint8Array {
    this.#view.setUint32(0, number);
    return this.#bytes;
  }

  /** @throws Error where it is not the frame of this number, byte for byte. */
  check(frame: Uint8Array, number: number): void {
    if (frame.length !== this.length) {
      throw new Error(`frame ${number} has ${frame.length} bytes instead of ${this.length}`);
    }
    if (Buffer.compare(frame, this.frame(number)) !== 0)
      throw new Error(`frame ${number} holds other bytes than were sent`);
  }
}

/** Contents by length and seed, made once: making one takes longer than sending it. */
export class FrameContents {
  readonly #made = new Map<string, FrameContent>();

  of({ length, seed }: { readonly length: number; readonly seed: number }): FrameContent {
    const key = `${length} ${seed}`;
    const content = this.#made.get(key) ?? new FrameContent(length, seed);
    this.#made.set(key, content);
    return content;
  }
}
