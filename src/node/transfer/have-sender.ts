import type { Clock, Timer } from '../../kernel/index.ts';
import type { HeldPieces } from '../files/file-store.ts';
import type { HaveMessage } from '../messages/message.ts';

export interface HaveSenderOptions {
  readonly clock: Clock;
  readonly transfer: string;
  readonly pieces: HeldPieces;
  readonly send: (message: HaveMessage) => void;
}

/** How long pieces are collected until they are told of: a message costs as much as what it brings. */
const BATCH_MS = 250;

/** Tells the peer of a transfer which pieces are here: at once, and of others as they come. */
export class HaveSender {
  readonly #options: HaveSenderOptions;
  #untold: number[] = [];
  #timer: Timer | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(options: HaveSenderOptions) {
    this.#options = options;
  }

  /** Once. */
  start(): void {
    const { pieces } = this.#options;
    this.#send(0, pieces.set.complete ? new Uint8Array() : pieces.set.toBytes());
    if (pieces.set.complete) return;
    this.#unsubscribe = pieces.subscribe((piece) => this.#add(piece));
  }

  /** Idempotent. */
  stop(): void {
    this.#unsubscribe();
    this.#timer?.cancel();
  }

  #add(piece: number): void {
    this.#untold.push(piece);
    this.#timer ??= this.#options.clock.setTimer(BATCH_MS, () => this.#tell());
  }

  #tell(): void {
    this.#timer = undefined;
    const untold = this.#untold.splice(0);
    if (this.#options.pieces.set.complete) {
      this.stop();
      this.#send(0, new Uint8Array());
      return;
    }
    const lowest = Math.min(...untold) >>> 3;
    const bitmap = new Uint8Array((Math.max(...untold) >>> 3) - lowest + 1);
    for (const piece of untold) {
      const index = (piece >>> 3) - lowest;
      bitmap[index] = (bitmap[index] ?? 0) | (0x80 >> (piece & 7));
    }
    this.#send(lowest * 8, bitmap);
  }

  #send(first: number, bitmap: Uint8Array): void {
    this.#options.send({ type: 'HAVE', transfer: this.#options.transfer, first, bitmap });
  }
}
