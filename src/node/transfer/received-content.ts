import { toError, type NodeId, type PieceStrategy } from '../../kernel/index.ts';
import type { IncomingFile } from '../files/file-store.ts';
import type { FileRecord } from '../records.ts';
import { RangeSet, type Range } from '../../kit/range-set.ts';

/** What a source may be asked for next. */
export interface AskingRoom {
  /** Bytes; one range more than fits is taken where nothing fits. */
  readonly bytes: number;
  readonly requests: number;
  /** Bytes of one request. */
  readonly maxLength: number;
}

/** Missing pieces shown to the strategy at a time: the first ones of a larger file, so that a choice costs the same whatever the size. */
const MAX_CANDIDATES = 4_096;

/** Writes under way at once; while there are as many, nothing more is read from the network. */
const MAX_WRITES = 8;

/** The content of one file on its way in, from one source or several, one after the other or at once. */
export class ReceivedContent {
  /** Bytes written, by source. */
  readonly sources = new Map<NodeId, number>();
  readonly #incoming: IncomingFile;
  readonly #strategy: PieceStrategy;
  readonly #size: number;
  readonly #pieceLength: number;
  readonly #holders: number;
  /** What we lack and nobody was asked for. */
  readonly #unasked = new RangeSet();
  readonly #writes = new Set<Promise<void>>();
  #written = 0;
  #failure: Error | undefined;

  constructor(options: {
    readonly record: FileRecord;
    readonly incoming: IncomingFile;
    readonly pieceStrategy: PieceStrategy;
    readonly holders: number;
  }) {
    this.#incoming = options.incoming;
    this.#strategy = options.pieceStrategy;
    this.#size = options.record.size;
    this.#holders = options.holders;
    this.#pieceLength = options.pieceStrategy.pieceLength(options.record.size);
    this.#unasked.add(0, options.record.size);
  }

  /** Bytes on disk. */
  get written(): number {
    return this.#written;
  }

  get complete(): boolean {
    return this.#written === this.#size;
  }

  /** Whether the disk still has something to do. */
  get writing(): boolean {
    return this.#writes.size > 0;
  }

  /** What the disk failed with: nothing can come of this content then. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Chooses what to ask a source for, which nobody else is asked for until it is given back. */
  choose({ bytes, requests, maxLength }: AskingRoom): Range[] {
    const view = {
      pieceCount: Math.ceil(this.#size / this.#pieceLength),
      candidates: this.#unasked.blocks(this.#pieceLength, MAX_CANDIDATES),
      availability: () => this.#holders,
    };
    const wanted = view.candidates.length === 0 ? 0 : Math.max(1, Math.floor(bytes / this.#pieceLength));
    const chosen: Range[] = [];
    let room = bytes;
    for (const piece of wanted === 0 ? [] : this.#strategy.select(view, Math.min(wanted, requests))) {
      for (const range of this.#cut(piece, maxLength)) {
        const length = range.end - range.start;
        if (chosen.length === requests || (chosen.length > 0 && length > room)) return chosen;
        this.#unasked.remove(range.start, range.end);
        chosen.push(range);
        room -= length;
      }
    }
    return chosen;
  }

  /** The range will not come from whoever was asked. */
  giveBack({ start, end }: Range): void {
    this.#unasked.add(start, end);
  }

  /** Writes bytes that were asked for. Resolves when they are on disk or could not be written: `failure` says so. */
  write(source: NodeId, position: number, bytes: Uint8Array): Promise<void> {
    const { length } = bytes;
    const write = this.#incoming
      .write(position, bytes)
      .then(
        () => {
          this.#written += length;
          this.sources.set(source, (this.sources.get(source) ?? 0) + length);
        },
        (error: unknown) => {
          this.#failure ??= toError(error);
        },
      )
      .finally(() => this.#writes.delete(write));
    this.#writes.add(write);
    return write;
  }

  /** Resolves when the disk can take more. */
  async writable(): Promise<void> {
    while (this.#writes.size >= MAX_WRITES) await Promise.race(this.#writes);
  }

  /** Gives up, after the writes under way. */
  async discard(): Promise<void> {
    await Promise.all(this.#writes);
    await this.#incoming.discard();
  }

  #cut(piece: number, maxLength: number): Range[] {
    const first = piece * this.#pieceLength;
    const missing = this.#unasked.within(first, Math.min(first + this.#pieceLength, this.#size));
    return missing.flatMap(({ start, end }) =>
      Array.from({ length: Math.ceil((end - start) / maxLength) }, (_, index) => {
        const from = start + index * maxLength;
        return { start: from, end: Math.min(from + maxLength, end) };
      }),
    );
  }
}
