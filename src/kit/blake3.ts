import blakeHash from '@napi-rs/blake-hash';
import { asBuffer } from './as-buffer.ts';

/** Bytes of a BLAKE3 hash as it is used here. */
export const BLAKE3_LENGTH = 32;

/**
 * BLAKE3-256 of some bytes, computed on the calling thread (O'Connor, Aumasson, Neves and Wilcox-O'Hearn, "BLAKE3: one function, fast
 * everywhere", 2020; the plain hash mode of section 2.3). For one piece or one message: a whole file goes to a Hasher.
 */
export function blake3(bytes: Uint8Array): Uint8Array {
  return blakeHash.blake3(asBuffer(bytes));
}

/** BLAKE3-256 of one run of bytes after the other, each of which comes in parts. */
export class Blake3Stream {
  readonly #hasher = new blakeHash.Blake3Hasher();

  update(bytes: Uint8Array): void {
    this.#hasher.update(asBuffer(bytes));
  }

  /** The hash of what came since the last call. */
  take(): Uint8Array {
    const hash = this.#hasher.digestBuffer();
    this.#hasher.reset();
    return hash;
  }
}
