import { KernelError, type NodeId } from '../../kernel/index.ts';
import type { HaveMessage } from '../messages/message.ts';
import { MAX_PIECES, PieceSet } from '../pieces/piece-set.ts';

/** Which pieces a source can be asked for: all of them, or those it told of in HAVE. */
export class SourcePieces {
  /** The source may hold a part only. */
  readonly isPartial: boolean;
  readonly #peer: NodeId;
  /** Room for the most pieces a file may have: a HAVE may come before the manifest says how many there are. */
  readonly #told: PieceSet | undefined;
  #highest = -1;
  /** From this piece on all are there. */
  #allFrom: number;
  #count: number | undefined;
  #heard = false;

  constructor(peer: NodeId, isPartial: boolean) {
    this.#peer = peer;
    this.isPartial = isPartial;
    this.#told = isPartial ? new PieceSet(MAX_PIECES) : undefined;
    this.#allFrom = isPartial ? Infinity : 0;
  }

  /** Whether it is known what the source holds. */
  get isKnown(): boolean {
    return this.#heard || !this.isPartial;
  }

  has(piece: number): boolean {
    return piece >= this.#allFrom || this.#told?.has(piece) === true;
  }

  /** How many pieces the file has turned out to have. @throws ERR_MESSAGE where the source told of more */
  setCount(count: number): void {
    this.#count = count;
    const all = this.#allFrom === Infinity ? 0 : this.#allFrom;
    if (this.#highest >= count || (all > 0 && all >= count)) throw this.#outside(count);
  }

  /**
   * Takes what the source says. Only the first message may say nothing new, so that there are no more of them than pieces.
   *
   * @throws ERR_MESSAGE where it was not asked, tells of pieces the file does not have, or of nothing new.
   */
  take({ bitmap, first }: HaveMessage): void {
    const told = this.#told;
    if (told === undefined) throw new KernelError('ERR_MESSAGE', `${this.#peer} sent a HAVE nobody waits for`);
    const isNews = bitmap.length === 0 ? this.#takeAllFrom(first) : this.#takeBits(told, first, bitmap);
    if (!isNews && this.#heard) throw new KernelError('ERR_MESSAGE', `${this.#peer} sent a HAVE that says nothing new`);
    this.#heard = true;
    if (this.#count !== undefined) this.setCount(this.#count);
  }

  #takeAllFrom(first: number): boolean {
    const isNews = first < this.#allFrom;
    this.#allFrom = Math.min(this.#allFrom, first);
    return isNews;
  }

  #takeBits(told: PieceSet, first: number, bitmap: Uint8Array): boolean {
    let isNews = false;
    for (const [index, byte] of bitmap.entries()) {
      for (let bit = 0; byte !== 0 && bit < 8; bit++) {
        if ((byte & (0x80 >> bit)) === 0) continue;
        const piece = first + 8 * index + bit;
        this.#highest = Math.max(this.#highest, piece);
        if (piece < this.#allFrom && told.add(piece)) isNews = true;
      }
    }
    return isNews;
  }

  #outside(count: number): KernelError {
    return new KernelError('ERR_MESSAGE', `${this.#peer} told of pieces beyond the ${count} that the file has`);
  }
}
