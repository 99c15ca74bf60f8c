import type { Manifest } from '../pieces/manifest.ts';
import type { ManifestAnswer } from './incoming-manifest.ts';
import type { PieceSource } from './piece-source.ts';

/** The download that a source serves. */
export interface PieceTaker {
  /** What the file is made of, once it is known. */
  readonly manifest: Manifest | undefined;
  /** Bytes to ask for together with the manifest, from the first on: all of a file that is likely to be one piece; 0 for none. */
  readonly aheadLength: number;
  /** Whether the manifest is to be asked of this source now. */
  wantsManifest(source: PieceSource): boolean;
  /** The source sent the manifest, or said that it does not have it. */
  manifestAnswered(source: PieceSource, answer: ManifestAnswer): void;
  /** Pieces to ask the source for, at most so many. */
  take(source: PieceSource, limit: number): readonly number[];
  /** A piece will not come from the source. */
  giveBack(source: PieceSource, piece: number): void;
  /** The source sent a piece, right or wrong. Nothing more is read from it until this resolves. */
  pieceArrived(source: PieceSource, piece: number, bytes: Uint8Array): Promise<void>;
}
