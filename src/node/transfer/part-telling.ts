import type { IncomingFile } from '../files/file-store.ts';
import type { FileRecord } from '../records.ts';
import type { SharedTransferOptions } from './transfer-options.ts';

/** What is fetched for so long, and has more pieces than this, is told to others: they can have what is here so far. */
const TOLD_AFTER_MS = 1_000;
const TOLD_PIECES = 16;

/** Tells others, once, that what has come of a file so far can be had here. */
export class PartTelling {
  readonly #node: Pick<SharedTransferOptions, 'clock' | 'tellPart'>;
  readonly #record: FileRecord;
  readonly #startedAt: number;
  #isTold = false;

  constructor(node: Pick<SharedTransferOptions, 'clock' | 'tellPart'>, record: FileRecord) {
    this.#node = node;
    this.#record = record;
    this.#startedAt = node.clock.now();
  }

  /** Tells of it, if it is worth that by now. */
  tell({ held }: Pick<IncomingFile, 'held'>): void {
    const { clock, tellPart } = this.#node;
    if (this.#isTold || clock.now() - this.#startedAt < TOLD_AFTER_MS || held.set.count <= TOLD_PIECES) return;
    this.#isTold = true;
    tellPart?.(this.#record, true);
  }

  /** It will not come: takes back what was told. */
  takeBack(): void {
    if (this.#isTold) this.#node.tellPart?.(this.#record, false);
  }
}
