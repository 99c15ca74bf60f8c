import type { Clock } from '../../kernel/index.ts';
import { pieceRange, type Manifest } from '../pieces/manifest.ts';
import { MAX_OPEN_REQUESTS } from './limits.ts';
import { PieceAssembly } from './piece-assembly.ts';
import { SourceRate, type Asking } from './source-rate.ts';

/** A range of a piece. */
export interface PieceRequest {
  readonly piece: number;
  readonly position: number;
  readonly length: number;
}

interface OpenRequest extends PieceRequest {
  readonly asking: Asking;
}

/** A piece on its way. */
interface ComingPiece {
  readonly assembly: PieceAssembly;
  /** Where in the file it begins. */
  readonly position: number;
  /** Of its last range, once that was asked for. */
  asking: Asking | undefined;
}

/** A piece as it came. */
export interface WholePiece {
  readonly piece: number;
  readonly whole: Uint8Array;
}

/** What was asked for before it was known which piece it is. */
interface Ahead {
  readonly asking: Asking;
  /** What came of it, until it is known which piece it is. */
  readonly bytes?: Uint8Array;
}

/** Stands for the number of a piece that is not known yet. */
const UNKNOWN_PIECE = -1;

export interface SourceRequestsOptions {
  readonly clock: Clock;
  /** Bytes asked for and not yet received, at most. */
  readonly maxWindow: number;
  /** Bytes of one request, at most. */
  readonly maxRangeLength: number;
}

/** What one source is to bring, and what it was asked for: as much at a time as its rate and delay make worth it. */
export class SourceRequests {
  readonly #options: SourceRequestsOptions;
  readonly #rate: SourceRate;
  /** By position, in the order asked. */
  readonly #open = new Map<number, OpenRequest>();
  /** What is to be asked for when the window allows. */
  #queue: PieceRequest[] = [];
  readonly #coming = new Map<number, ComingPiece>();
  #ahead: Ahead | undefined;

  constructor(options: SourceRequestsOptions) {
    this.#options = options;
    this.#rate = new SourceRate(options);
  }

  /** The pieces that were given and did not come. */
  get pieces(): Iterable<number> {
    return this.#coming.keys();
  }

  /** When the oldest open request went out. */
  get oldestAskedAt(): number | undefined {
    return this.#oldest?.askedAt;
  }

  /** Whether the oldest open request is open for much longer than expected. */
  get isLate(): boolean {
    return (this.#oldest?.lateAt ?? Infinity) <= this.#options.clock.now();
  }

  /** The pieces that are late. */
  latePieces(): ReadonlySet<number> {
    const late = new Set<number>();
    const now = this.#options.clock.now();
    for (const { asking, piece } of this.isLate ? this.#open.values() : []) {
      if (asking.lateAt <= now && piece !== UNKNOWN_PIECE) late.add(piece);
    }
    return late;
  }

  /** When a piece is due, in the clock's ms. */
  dueAt(piece: number): number {
    const asking = this.#coming.get(piece)?.asking;
    return asking === undefined ? Infinity : this.#rate.dueAt(asking);
  }

  /** In how many milliseconds so many bytes would be here if they were asked for now. */
  expectedMs(bytes: number): number {
    return this.#rate.expectedMs(bytes);
  }

  /** How many pieces more to give: one where a part of it can be asked for, so that a path never runs empty between long pieces. */
  room(pieceLength: number): number {
    if (this.#queue.length > 0) return 0;
    const room = Math.floor((this.#rate.window - this.#rate.openBytes) / pieceLength);
    if (room > 0) return room;
    return this.#hasRoom(Math.min(pieceLength, this.#options.maxRangeLength)) ? 1 : 0;
  }

  /**
   * Asks for a whole file before it is known what it is made of. Where it turns out to be of one piece, that is asked for already when it is given; else what
   * comes is dropped. Once.
   */
  askAhead(length: number): Omit<PieceRequest, 'piece'> {
    const asking = this.#rate.ask(length);
    this.#ahead = { asking };
    this.#open.set(0, { piece: UNKNOWN_PIECE, position: 0, length, asking });
    return { position: 0, length };
  }

  /** Pieces to ask for, cut into what one message holds. Returns the one that was asked for ahead, and has come already. */
  give(manifest: Manifest, pieces: readonly number[]): WholePiece | undefined {
    let came: WholePiece | undefined;
    for (const piece of pieces) {
      const { length, position } = pieceRange(manifest, piece);
      const ahead = length === manifest.size ? this.#takeAhead(piece, length) : undefined;
      this.#coming.set(piece, { assembly: new PieceAssembly(length), position, asking: ahead?.asking });
      if (ahead === undefined) this.#queue.push(...cut({ piece, position, length }, this.#options.maxRangeLength));
      else if (ahead.bytes !== undefined) came = { piece, whole: ahead.bytes };
    }
    return came;
  }

  /** The length of what `ask` would give now. */
  get nextLength(): number | undefined {
    return this.#next?.length;
  }

  /** The request that goes out now, which is open from here on; `undefined` where there is none or no room for it. */
  ask(): PieceRequest | undefined {
    const next = this.#next;
    if (next === undefined) return undefined;
    this.#queue.shift();
    const asking = this.#rate.ask(next.length);
    const coming = this.#coming.get(next.piece);
    if (coming !== undefined) coming.asking = asking;
    this.#open.set(next.position, { ...next, asking });
    return next;
  }

  /**
   * Takes what came, if it answers an open request exactly; else `undefined`. With it the piece, where that is whole now; one that was forgotten never is.
   */
  answer(position: number, bytes: Uint8Array): Partial<WholePiece> | undefined {
    const request = this.#open.get(position);
    if (request?.length !== bytes.length) return undefined;
    this.#open.delete(position);
    this.#rate.answered(request.asking);
    const { piece } = request;
    if (piece === UNKNOWN_PIECE) {
      this.#ahead = { asking: request.asking, bytes };
      return {};
    }
    const coming = this.#coming.get(piece);
    const whole = coming?.assembly.add(position - coming.position, bytes);
    return whole === undefined ? { piece } : { piece, whole };
  }

  /** A piece came, from here or elsewhere. What is still open of it is answered, and dropped. */
  forget(piece: number): void {
    this.#coming.delete(piece);
    if (this.#queue.length > 0) this.#queue = this.#queue.filter((request) => request.piece !== piece);
  }

  /** What may go out now. What begins where something is still open would have an answer that could be either's. */
  get #next(): PieceRequest | undefined {
    const [next] = this.#queue;
    return next !== undefined && this.#hasRoom(next.length) && !this.#open.has(next.position) ? next : undefined;
  }

  /** What was asked for ahead is this piece. */
  #takeAhead(piece: number, length: number): Ahead | undefined {
    const ahead = this.#ahead;
    if (ahead?.asking.length !== length) return undefined;
    this.#ahead = undefined;
    const open = this.#open.get(0);
    if (ahead.bytes === undefined && open !== undefined) this.#open.set(0, { ...open, piece });
    return ahead;
  }

  get #oldest(): Asking | undefined {
    const [oldest] = this.#open.values();
    return oldest?.asking;
  }

  #hasRoom(length: number): boolean {
    if (this.#open.size >= MAX_OPEN_REQUESTS) return false;
    return this.#open.size === 0 || this.#rate.openBytes + length <= this.#rate.window;
  }
}

function cut({ length, piece, position: from }: PieceRequest, maxLength: number): PieceRequest[] {
  return Array.from({ length: Math.ceil(length / maxLength) }, (_, index) => {
    const position = from + index * maxLength;
    return { piece, position, length: Math.min(maxLength, from + length - position) };
  });
}
