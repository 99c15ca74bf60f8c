import { toError, type NodeId, type PieceStrategy } from '../../kernel/index.ts';
import { blake3 } from '../../kit/blake3.ts';
import type { IncomingFile } from '../files/file-store.ts';
import { isPiece, pieceRange, type Manifest } from '../pieces/manifest.ts';
import { discardContent } from './content-memory.ts';
import { PieceBoard } from './piece-board.ts';
import type { PieceSource } from './piece-source.ts';

export interface PieceContentOptions {
  readonly incoming: IncomingFile;
  readonly manifest: Manifest;
  readonly pieceStrategy: PieceStrategy;
  /** How many known sources have a piece. */
  readonly availability: (piece: number) => number;
  /** Called when a piece was written, and when one could not be. */
  readonly onWritten: (source: NodeId) => void;
}

/** Writes under way at once; while there are as many, nothing more is read from the network. */
const MAX_WRITES = 8;

/** A piece is asked of a second source only where that would have it in this part of the time that is left. */
const RESCUE_FACTOR = 2;

/** The content of one file that comes in pieces from any number of sources: only what was verified is written. */
export class PieceContent {
  readonly manifest: Manifest;
  /** Bytes written, by source. */
  readonly sources = new Map<NodeId, number>();
  readonly board: PieceBoard<PieceSource>;
  readonly #options: PieceContentOptions;
  readonly #writes = new Set<Promise<void>>();
  #bytes: number;
  #failure: Error | undefined;

  constructor(options: PieceContentOptions) {
    const { availability, incoming, manifest, pieceStrategy } = options;
    this.#options = options;
    this.manifest = manifest;
    this.board = new PieceBoard({ held: incoming.held.set, pieceStrategy, availability });
    this.#bytes = bytesOf(options);
  }

  /** Bytes on disk, with those that were there before. */
  get received(): number {
    return this.#bytes;
  }

  /** Whether every piece is on disk. */
  get isComplete(): boolean {
    return this.#options.incoming.held.set.complete;
  }

  /** Whether the disk is behind, so that nothing is read from the network. */
  get isBehind(): boolean {
    return this.#writes.size >= MAX_WRITES;
  }

  /** What the disk failed with: nothing can come of this content then. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Pieces for a source to bring: missing ones, else those that would be here much sooner from it than from whom they were asked of. */
  take(source: PieceSource, limit: number, now: number): number[] {
    const taken = this.board.take(source, limit);
    if (taken.length > 0) return taken;
    const beyondMs = RESCUE_FACTOR * source.expectedMs(this.manifest.pieceLength);
    return this.board.rescue(source, limit, { now, beyondMs });
  }

  /**
   * Takes a piece that came, with its memory. Where it is right it is written, and whoever else was asked for it may forget it; false where it is wrong.
   */
  arrived(source: PieceSource, piece: number, bytes: Uint8Array): boolean {
    if (!isPiece(this.manifest, piece, blake3(bytes))) return false;
    const askers = this.board.arrived(piece);
    if (askers === undefined) return true;
    for (const other of askers) if (other !== source) other.forget(piece);
    this.#write(source.peer, piece, bytes);
    return true;
  }

  /** Resolves when the disk can take more. */
  async writable(): Promise<void> {
    while (this.isBehind) await Promise.race(this.#writes);
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await Promise.all(this.#writes);
  }

  #write(source: NodeId, piece: number, bytes: Uint8Array): void {
    const { incoming, onWritten } = this.#options;
    const { length } = bytes;
    const write = incoming
      .writePiece(piece, bytes)
      .then(
        () => {
          this.#bytes += length;
          this.sources.set(source, (this.sources.get(source) ?? 0) + length);
          discardContent(bytes);
        },
        (error: unknown) => {
          this.#failure ??= toError(error);
        },
      )
      .then(() => {
        this.#writes.delete(write);
        onWritten(source);
      });
    this.#writes.add(write);
  }
}

function bytesOf({ incoming: { held }, manifest }: PieceContentOptions): number {
  if (held.set.size === 0) return 0;
  const missing = held.set.missing().reduce((sum, piece) => sum + pieceRange(manifest, piece).length, 0);
  return manifest.size - missing;
}
