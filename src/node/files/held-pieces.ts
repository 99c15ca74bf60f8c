import { PieceSet, type ReadonlyPieceSet } from '../pieces/piece-set.ts';
import type { HeldPieces } from './file-store.ts';

/** What is held of a file without a manifest: no pieces are known of it. */
export const NO_PIECES: HeldPieces = allPieces(0);

/** What is held of a whole file. */
export function allPieces(count: number): HeldPieces {
  return { set: PieceSet.full(count), subscribe: () => () => undefined };
}

/** The pieces of a file on its way in; who looks on hears of each that comes. */
export class GrowingPieces implements HeldPieces {
  readonly #set: PieceSet;
  readonly #listeners = new Set<(piece: number) => void>();

  /** @param set belongs to this object from now on. */
  constructor(set: PieceSet) {
    this.#set = set;
  }

  get set(): ReadonlyPieceSet {
    return this.#set;
  }

  subscribe(listener: (piece: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The piece can be read from now on. */
  add(piece: number): void {
    if (!this.#set.add(piece)) return;
    for (const listener of [...this.#listeners]) listener(piece);
  }
}
