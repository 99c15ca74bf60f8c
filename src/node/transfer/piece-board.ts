import type { PieceStrategy } from '../../kernel/index.ts';
import { RangeSet } from '../../kit/range-set.ts';
import type { ReadonlyPieceSet } from '../pieces/piece-set.ts';

/** A source as the board sees it. */
export interface Asker {
  /** Whether it can be asked for a piece. */
  has(piece: number): boolean;
  /** When it is expected to have delivered a piece it was asked for, in the clock's ms. */
  dueAt(piece: number): number;
}

export interface PieceBoardOptions {
  /** The pieces that need not be asked for. */
  readonly held: ReadonlyPieceSet;
  readonly pieceStrategy: PieceStrategy;
  /** How many known sources have a piece. */
  readonly availability: (piece: number) => number;
}

/** Missing pieces shown to the strategy at a time: the first ones of a larger file, so that a choice costs the same whatever the size. */
const MAX_CANDIDATES = 4_096;

/** Pieces the strategy is asked for at a time, for whoever has room next: its choice costs more than taking one. */
const CHOSEN_AHEAD = 64;

/** Sources that are asked for one piece at once, unless they are late with it. */
const MAX_ASKERS = 2;

/** Which pieces are missing, and who was asked for them. */
export class PieceBoard<Source extends Asker> {
  readonly #options: PieceBoardOptions;
  readonly #count: number;
  /** What we lack and nobody was asked for. */
  readonly #unasked = new RangeSet();
  readonly #asked = new Map<number, Set<Source>>();
  /** Asked pieces whose every asker is late. */
  readonly #late = new Set<number>();
  #ahead: number[] = [];

  constructor(options: PieceBoardOptions) {
    this.#options = options;
    this.#count = options.held.count;
    for (const piece of options.held.missing()) this.#unasked.add(piece, piece + 1);
  }

  /** Pieces that are not here. */
  get missing(): number {
    return this.#unasked.size + this.#asked.size;
  }

  /** Gives a source pieces to bring: what others are late with, then what the strategy chooses of those nobody was asked for. */
  take(asker: Source, limit: number): number[] {
    const late = this.#takeLate(asker, limit);
    const chosen = late.length < limit ? this.#choose(asker, limit - late.length) : [];
    for (const piece of chosen) {
      this.#unasked.remove(piece, piece + 1);
      this.#asked.set(piece, new Set([asker]));
    }
    return [...late, ...chosen];
  }

  /**
   * Gives a source pieces that others were asked for and that are not expected for a time yet: those expected last come first. What is overdue is
   * expected to be so for as long again.
   */
  rescue(
    asker: Source,
    limit: number,
    { now, beyondMs }: { readonly now: number; readonly beyondMs: number },
  ): number[] {
    const expectedMs = (askers: ReadonlySet<Source>, piece: number) =>
      Math.min(...[...askers].map((other) => Math.abs(other.dueAt(piece) - now)));
    const rescued = [...this.#asked]
      .filter(([piece, askers]) => askers.size < MAX_ASKERS && !askers.has(asker) && asker.has(piece))
      .map(([piece, askers]) => ({ piece, ms: expectedMs(askers, piece) }))
      .filter(({ ms }) => ms > beyondMs)
      .sort((a, b) => b.ms - a.ms)
      .slice(0, limit);
    for (const { piece } of rescued) this.#asked.get(piece)?.add(asker);
    return rescued.map(({ piece }) => piece);
  }

  /** A source is late with a piece: anybody else may be asked for it. */
  late(piece: number, isLate: (asker: Source) => boolean): void {
    const askers = this.#asked.get(piece);
    if (askers !== undefined && [...askers].every(isLate)) this.#late.add(piece);
  }

  /** A piece came, verified. Returns whoever else was asked for it; `undefined` where it had come before. */
  arrived(piece: number): Iterable<Source> | undefined {
    const askers = this.#asked.get(piece);
    this.#asked.delete(piece);
    this.#late.delete(piece);
    return askers;
  }

  /** A piece will not come from a source. */
  giveBack(asker: Source, piece: number): void {
    const askers = this.#asked.get(piece);
    if (askers?.delete(asker) !== true || askers.size > 0) return;
    this.#asked.delete(piece);
    this.#late.delete(piece);
    this.#unasked.add(piece, piece + 1);
  }

  #takeLate(asker: Source, limit: number): number[] {
    const taken: number[] = [];
    for (const piece of this.#late) {
      if (taken.length === limit) break;
      const askers = this.#asked.get(piece);
      if (askers === undefined || askers.has(asker) || !asker.has(piece)) continue;
      askers.add(asker);
      this.#late.delete(piece);
      taken.push(piece);
    }
    return taken;
  }

  /** At most `limit` of the pieces nobody was asked for, by what was chosen ahead or by a new choice. */
  #choose(asker: Source, limit: number): number[] {
    this.#ahead = this.#ahead.filter((piece) => this.#unasked.has(piece));
    const ready = this.#ahead.filter((piece) => asker.has(piece)).slice(0, limit);
    if (ready.length > 0) return ready;
    const missing = this.#unasked.blocks(1, MAX_CANDIDATES);
    const candidates = missing.filter((piece) => asker.has(piece));
    if (candidates.length === 0) return [];
    const { availability, pieceStrategy } = this.#options;
    const view = { pieceCount: this.#count, candidates, availability };
    // What a holder of a part is asked for says nothing of what others should be.
    if (candidates.length < missing.length) return pieceStrategy.select(view, limit);
    this.#ahead = pieceStrategy.select(view, Math.max(limit, CHOSEN_AHEAD));
    return this.#ahead.slice(0, limit);
  }
}
