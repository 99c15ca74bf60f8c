import { KernelError } from '../../kernel/index.ts';

/** Most pieces a file is cut into: what a manifest, a map of pieces and the memory for both are bounded by. */
export const MAX_PIECES = 65_536;

/** Which pieces of a file there are, as whoever may not change it sees it. */
export interface ReadonlyPieceSet {
  /** Pieces the file has. */
  readonly count: number;
  /** How many of them are in the set. */
  readonly size: number;
  /** Whether all are. A file without pieces is always complete. */
  readonly complete: boolean;
  has(piece: number): boolean;
  /** The pieces that are not in the set, ascending; at most `limit`. */
  missing(limit?: number): number[];
  /** One bit a piece, the first being the highest of the first byte; the bits left over are 0. */
  toBytes(): Uint8Array;
}

/** Some of the pieces of one file, one bit each: 8 KiB at most. */
export class PieceSet implements ReadonlyPieceSet {
  readonly count: number;
  readonly #bits: Uint8Array;
  #size = 0;

  /** An empty set. @throws RangeError unless `count` is a whole number from 0 to MAX_PIECES */
  constructor(count: number) {
    if (!Number.isInteger(count) || count < 0 || count > MAX_PIECES) {
      throw new RangeError(`a file has 0 to ${MAX_PIECES} pieces, not ${count}`);
    }
    this.count = count;
    this.#bits = new Uint8Array(Math.ceil(count / 8));
  }

  /** The set of all pieces. */
  static full(count: number): PieceSet {
    const set = new PieceSet(count);
    for (let piece = 0; piece < count; piece++) set.add(piece);
    return set;
  }

  /** What `toBytes` made. @throws ERR_MESSAGE where the length is another, or a bit stands for no piece */
  static fromBytes(count: number, bytes: Uint8Array): PieceSet {
    const set = new PieceSet(count);
    if (bytes.length !== set.#bits.length) {
      throw new KernelError(
        'ERR_MESSAGE',
        `a map of ${count} pieces has ${set.#bits.length} bytes, not ${bytes.length}`,
      );
    }
    for (const [index, byte] of bytes.entries()) {
      for (let bit = 0; bit < 8; bit++) {
        if ((byte & (0x80 >> bit)) === 0) continue;
        const piece = index * 8 + bit;
        if (piece >= count) throw new KernelError('ERR_MESSAGE', `a map of ${count} pieces names piece ${piece}`);
        set.add(piece);
      }
    }
    return set;
  }

  get size(): number {
    return this.#size;
  }

  get complete(): boolean {
    return this.#size === this.count;
  }

  has(piece: number): boolean {
    return ((this.#bits[piece >>> 3] ?? 0) & mask(piece)) !== 0;
  }

  /** Returns whether it was not there before. @throws RangeError where the file has no such piece */
  add(piece: number): boolean {
    this.#assertPiece(piece);
    if (this.has(piece)) return false;
    this.#bits[piece >>> 3] = (this.#bits[piece >>> 3] ?? 0) | mask(piece);
    this.#size += 1;
    return true;
  }

  /** Returns whether it was there before. @throws RangeError where the file has no such piece */
  delete(piece: number): boolean {
    this.#assertPiece(piece);
    if (!this.has(piece)) return false;
    this.#bits[piece >>> 3] = (this.#bits[piece >>> 3] ?? 0) & ~mask(piece);
    this.#size -= 1;
    return true;
  }

  missing(limit = this.count): number[] {
    const pieces: number[] = [];
    for (let piece = 0; piece < this.count && pieces.length < limit; piece++) {
      // Eight at a time where all eight are there: the end of a large file is looked for often.
      if ((piece & 7) === 0 && this.#bits[piece >>> 3] === 0xff) piece += 7;
      else if (!this.has(piece)) pieces.push(piece);
    }
    return pieces;
  }

  toBytes(): Uint8Array {
    return this.#bits.slice();
  }

  #assertPiece(piece: number): void {
    if (Number.isInteger(piece) && piece >= 0 && piece < this.count) return;
    throw new RangeError(`piece ${piece} of a file of ${this.count}`);
  }
}

function mask(piece: number): number {
  return 0x80 >> (piece & 7);
}
