/** One download as seen by the strategy when a source has room for more requests. */
export interface PieceView {
  /** Pieces the file has. */
  readonly pieceCount: number;
  /** The pieces we lack, nobody was asked for yet, and this source has; ascending, each once. */
  readonly candidates: readonly number[];
  /** How many known sources have a piece. */
  availability(piece: number): number;
}

/** Which pieces a file is cut into and which to ask for first. Pure: the same view gives the same answer (randomness is handed in at creation). */
export interface PieceStrategy {
  /**
   * Bytes of every piece but the last, for a file of this length: 1,024 to 2^30, and so many that a file of up to 64 TiB has no more than
   * 65,536 pieces. The node shortens to 16 MiB what need not be longer for that. A piece is verified whole, and asked for in ranges where it does not fit one message.
   */
  pieceLength(fileLength: number): number;
  /** At most `limit` of the candidates, most wanted first, each once. */
  select(view: PieceView, limit: number): number[];
}
