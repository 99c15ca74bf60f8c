import { discardContent } from './content-memory.ts';

/** A piece that comes from one source in ranges. Ranges do not overlap: each was asked for once. */
export class PieceAssembly {
  readonly #length: number;
  #bytes: Uint8Array | undefined;
  #missing: number;

  constructor(length: number) {
    this.#length = length;
    this.#missing = length;
  }

  /** Adds bytes from an offset within the piece on. Returns the piece when it is whole; one that came at once is not copied. The bytes are ours. */
  add(offset: number, bytes: Uint8Array): Uint8Array | undefined {
    if (bytes.length === this.#length) return bytes;
    // Memory is the system's until bytes are written to it, so a long piece costs what came of it.
    this.#bytes ??= new Uint8Array(this.#length);
    this.#bytes.set(bytes, offset);
    this.#missing -= bytes.length;
    discardContent(bytes);
    return this.#missing === 0 ? this.#bytes : undefined;
  }
}
