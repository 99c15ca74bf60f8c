import { Blake3Stream } from './blake3.ts';

/** BLAKE3-256 of each piece of a file that comes in parts of any length. */
export class PieceHashes {
  readonly #pieceLength: number;
  readonly #piece = new Blake3Stream();
  readonly #hashes: Uint8Array[] = [];
  /** Bytes of the piece that is being hashed. */
  #filled = 0;

  /** @param pieceLength bytes of every piece but the last, above 0. */
  constructor(pieceLength: number) {
    this.#pieceLength = pieceLength;
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.#pieceLength - this.#filled);
      this.#piece.update(part);
      at += part.length;
      this.#filled += part.length;
      if (this.#filled === this.#pieceLength) this.#endPiece();
    }
  }

  /** The hashes one after the other; what came since the last whole piece is the last piece. Once. */
  digest(): Uint8Array {
    if (this.#filled > 0) this.#endPiece();
    return new Uint8Array(Buffer.concat(this.#hashes));
  }

  #endPiece(): void {
    this.#hashes.push(this.#piece.take());
    this.#filled = 0;
  }
}
