import { KernelError, type NodeId } from '../../kernel/index.ts';
import { abortable } from '../../kit/deadline.ts';
import { deferred } from '../../kit/deferred.ts';
import { blake3 } from '../../kit/blake3.ts';
import type { BinaryMessage, DataMessage } from '../messages/message.ts';
import { isPiece, pieceRange, type Manifest, type PieceRange } from '../pieces/manifest.ts';
import { briefTransfer } from './brief-transfer.ts';
import { PieceAssembly } from './piece-assembly.ts';
import { refusal } from './refusal.ts';
import type { OpenedSource } from './source-opener.ts';
import { unexpected, type TransferHandler } from './transfer-connection.ts';

/** A range that was asked for. */
interface Asked extends PieceRange {
  readonly piece: number;
}

/** Ranges asked for at once: few, since a challenge is in no hurry and must not fill a tunnel. */
const OPEN_REQUESTS = 8;

/**
 * Has a holder show that it has some pieces of a file, by sending them. To the holder it is a GET like any other, so it cannot answer the one and
 * not the other.
 */
export class PieceChallenge implements TransferHandler {
  readonly #source: OpenedSource;
  readonly #manifest: Manifest;
  readonly #waiting: Asked[];
  readonly #open = new Map<number, Asked>();
  readonly #assemblies = new Map<number, PieceAssembly>();
  readonly #shown = deferred<undefined>();

  constructor(source: OpenedSource, manifest: Manifest, pieces: readonly number[]) {
    this.#source = source;
    this.#manifest = manifest;
    this.#waiting = pieces.flatMap((piece) => this.#rangesOf(piece));
    for (const piece of pieces) this.#assemblies.set(piece, new PieceAssembly(pieceRange(manifest, piece).length));
    // Whoever runs it hears of the end, which may come before he waits for it.
    this.#shown.promise.catch(() => undefined);
  }

  /**
   * Once. Resolves when all pieces came and are right. Rejects with ERR_CHECKSUM for one that is wrong, the holder's refusal, ERR_CONNECTION_LOST, or the
   * signal's reason; the holder has been told by then that nothing more is wanted.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { connection, opening } = this.#source;
    await briefTransfer(this.#source, this, signal, async () => {
      this.#ask();
      await abortable(this.#shown.promise, signal);
      connection.answer({ type: 'DONE', transfer: opening.transfer });
      connection.retire(opening.transfer);
    });
  }

  receive(message: BinaryMessage): void {
    switch (message.type) {
      case 'DATA':
        this.#take(message);
        return;
      case 'REFUSE':
        // The holder has forgotten the transfer: there is nobody to tell of the end.
        this.#source.connection.retire(message.transfer);
        this.end(refusal(this.#peer, message));
        return;
      default:
        throw unexpected(this.#peer, message);
    }
  }

  end(error: Error): void {
    this.#shown.reject(error);
  }

  get #peer(): NodeId {
    return this.#source.connection.peer;
  }

  #take(message: DataMessage): void {
    const { bytes, position } = message;
    const asked = this.#open.get(position);
    if (asked?.length !== bytes.length) throw unexpected(this.#peer, message);
    this.#open.delete(position);
    const { piece } = asked;
    const whole = this.#assemblies.get(piece)?.add(position - pieceRange(this.#manifest, piece).position, bytes);
    if (whole !== undefined && !isPiece(this.#manifest, piece, blake3(whole))) {
      this.end(new KernelError('ERR_CHECKSUM', `${this.#peer} sent a wrong piece ${piece}`));
      return;
    }
    if (whole !== undefined) this.#assemblies.delete(piece);
    if (this.#assemblies.size === 0) this.#shown.resolve(undefined);
    else this.#ask();
  }

  #ask(): void {
    const { connection, opening } = this.#source;
    while (this.#open.size < OPEN_REQUESTS) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      const { length, position } = next;
      this.#open.set(position, next);
      connection.answer({ type: 'REQUEST', transfer: opening.transfer, position, length });
    }
    if (this.#assemblies.size === 0) this.#shown.resolve(undefined);
  }

  #rangesOf(piece: number): Asked[] {
    const { position, length } = pieceRange(this.#manifest, piece);
    const step = this.#source.connection.maxRangeLength;
    const ranges: Asked[] = [];
    for (let offset = 0; offset < length; offset += step) {
      ranges.push({ piece, position: position + offset, length: Math.min(step, length - offset) });
    }
    return ranges;
  }
}
