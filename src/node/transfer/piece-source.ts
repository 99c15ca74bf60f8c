import { KernelError, toError, type Clock, type NodeId } from '../../kernel/index.ts';
import { ChangeSignal } from '../../kit/change-signal.ts';
import { abortable } from '../../kit/deadline.ts';
import type { TokenBucket } from '../../kit/token-bucket.ts';
import type { BinaryMessage, DataMessage, ManifestMessage, SmfxMessage } from '../messages/message.ts';
import { pieceCount, type Manifest } from '../pieces/manifest.ts';
import { IncomingManifest } from './incoming-manifest.ts';
import { TUNNEL_WINDOW } from './limits.ts';
import type { Asker } from './piece-board.ts';
import type { PieceTaker } from './piece-taker.ts';
import { refusal } from './refusal.ts';
import { SourcePieces } from './source-pieces.ts';
import { SourceRequests, type WholePiece } from './source-requests.ts';
import { unexpected, type TransferConnection, type TransferHandler } from './transfer-connection.ts';

export interface PieceSourceOptions {
  readonly connection: TransferConnection;
  /** Opens the transfer: what is wanted, and its number; with `parts` where the source may hold a part only. */
  readonly opening: SmfxMessage;
  /** BLAKE3-256 of the manifest, in hex. */
  readonly manifestHash: string;
  readonly taker: PieceTaker;
  readonly clock: Clock;
  /** Bounds what is asked for in a second. */
  readonly rate: TokenBucket | undefined;
  /** Bytes asked for and not yet received, at most. */
  readonly window: number;
  /** Time without a byte after which the source has failed. */
  readonly stallMs: number;
}

/** One of the sources of a file that comes in pieces: asks it for what it is given to bring. Every DATA must answer a request exactly. */
export class PieceSource implements TransferHandler, Asker {
  readonly pieces: SourcePieces;
  readonly #options: PieceSourceOptions;
  readonly #connection: TransferConnection;
  readonly #transfer: string;
  readonly #requests: SourceRequests;
  readonly #ending = new AbortController();
  readonly #changes = new ChangeSignal();
  readonly #startedAt: number;
  #manifest: IncomingManifest | undefined;
  #manifestAskedAt: number | undefined;
  #lastByte = -Infinity;
  #delivered = 0;
  #finished = false;

  constructor(options: PieceSourceOptions) {
    const { clock, connection, opening, window } = options;
    this.#options = options;
    this.#connection = connection;
    this.#transfer = opening.transfer;
    this.pieces = new SourcePieces(connection.peer, opening.parts);
    const maxWindow = connection.isTunnel ? Math.min(window, TUNNEL_WINDOW) : window;
    this.#requests = new SourceRequests({ clock, maxWindow, maxRangeLength: connection.maxRangeLength });
    this.#startedAt = clock.now();
  }

  get peer(): NodeId {
    return this.#connection.peer;
  }

  /** Whether the source sent anything of use. */
  get receivedAny(): boolean {
    return this.#lastByte !== -Infinity;
  }

  /** Right pieces that came from it. */
  get delivered(): number {
    return this.#delivered;
  }

  /**
   * Asks and receives until `done`. Rejects with what the source or the way to it failed with, or the reason given to `refuse`; the source
   * has been told by then, and what it was to bring is given back.
   */
  async run(): Promise<void> {
    try {
      this.#connection.register(this.#transfer, this);
      await this.#fetch();
    } catch (error) {
      if (this.#finished) return;
      this.refuse(toError(error));
      throw error;
    } finally {
      for (const piece of this.#requests.pieces) this.#options.taker.giveBack(this, piece);
    }
  }

  /** Nothing more is wanted: tells the source. Idempotent. */
  done(): void {
    if (this.#ending.signal.aborted) return;
    this.#connection.answer({ type: 'DONE', transfer: this.#transfer });
    this.#connection.retire(this.#transfer);
    this.#finished = true;
    this.#ending.abort(new KernelError('ERR_CLOSED', 'the download is done'));
  }

  /** Tells the source that nothing more is wanted of it, and why. Idempotent. */
  refuse(error: Error): void {
    this.#connection.refuse(this.#transfer, error);
    this.#ending.abort(error);
  }

  has(piece: number): boolean {
    return this.pieces.has(piece);
  }

  dueAt(piece: number): number {
    return this.#requests.dueAt(piece);
  }

  /** In how many milliseconds a piece would be here if it were asked for now. */
  expectedMs(bytes: number): number {
    return this.#requests.expectedMs(bytes);
  }

  /** Whether the source owes an answer for much longer than expected. It is given nothing new then. */
  get isLate(): boolean {
    return this.#requests.isLate;
  }

  /** The pieces the source is late with. */
  latePieces(): ReadonlySet<number> {
    return this.#requests.latePieces();
  }

  /** Another source brought a piece that this one was asked for too. What still comes of it is dropped. */
  forget(piece: number): void {
    this.#requests.forget(piece);
    this.notify();
  }

  /** There may be something to ask for, or time has passed. */
  notify(): void {
    this.#changes.notify();
  }

  /** Whether something is due from the source. */
  get owes(): boolean {
    return this.#waitingSince() !== undefined;
  }

  /** Fails the source where it was silent for the time allowed while something was due from it. Before `since` we did not listen. */
  checkStall(since: number): void {
    const { clock, stallMs } = this.#options;
    const waitingSince = this.#waitingSince();
    if (waitingSince === undefined) return;
    if (clock.now() - Math.max(since, waitingSince, this.#lastByte) < stallMs) return;
    const error = new KernelError('ERR_TRANSFER_STALLED', `${this.peer} sent nothing for ${stallMs} ms`);
    // Where nothing else came either, the connection is dead rather than the source slow with one file.
    if (!this.#connection.isTunnel && this.#connection.silentMs >= stallMs) this.#connection.fail(error);
    this.#ending.abort(error);
  }

  async receive(message: BinaryMessage): Promise<void> {
    // The source is given up and does not know it yet.
    if (this.#ending.signal.aborted) return;
    switch (message.type) {
      case 'DATA':
        await this.#receiveData(message);
        return;
      case 'MANIFEST':
        this.#receiveManifest(message);
        return;
      case 'HAVE':
        this.pieces.take(message);
        this.notify();
        return;
      case 'REFUSE':
        // The source has forgotten the transfer: there is nobody to tell of the end.
        this.#connection.retire(this.#transfer);
        this.#ending.abort(refusal(this.peer, message));
        return;
      default:
        throw unexpected(this.peer, message);
    }
  }

  end(error: Error): void {
    this.#ending.abort(error);
  }

  async #receiveData(message: DataMessage): Promise<void> {
    const answer = this.#requests.answer(message.position, message.bytes);
    if (answer === undefined) throw unexpected(this.peer, message);
    this.#lastByte = this.#options.clock.now();
    this.notify();
    const { piece, whole } = answer;
    if (piece !== undefined && whole !== undefined) await this.#pieceCame({ piece, whole });
  }

  async #pieceCame({ piece, whole }: WholePiece): Promise<void> {
    await this.#options.taker.pieceArrived(this, piece, whole);
    // One that was wrong is given back when the source ends.
    if (this.#ending.signal.aborted) return;
    this.#delivered++;
    this.#requests.forget(piece);
  }

  #receiveManifest(message: ManifestMessage): void {
    if (this.#manifest === undefined) throw unexpected(this.peer, message);
    const answer = this.#manifest.take(message);
    this.#lastByte = this.#options.clock.now();
    this.#manifestAskedAt = undefined;
    this.notify();
    if (answer !== undefined) this.#options.taker.manifestAnswered(this, answer);
  }

  async #fetch(): Promise<void> {
    const { opening, taker } = this.#options;
    const { signal } = this.#ending;
    signal.throwIfAborted();
    // What is asked for first need not wait until this has gone out.
    const opened = abortable(this.#connection.send(opening), signal);
    opened.catch(() => undefined);
    if (taker.manifest === undefined) await this.#askManifest();
    await opened;
    for (;;) {
      signal.throwIfAborted();
      if (taker.manifest === undefined) await this.#askManifest();
      else await this.#askPieces(taker.manifest);
      await this.#changes.next(signal);
    }
  }

  async #askManifest(): Promise<void> {
    const { clock, manifestHash: manifest, taker } = this.#options;
    if (this.#manifest === undefined) {
      if (!taker.wantsManifest(this)) return;
      this.#manifest = new IncomingManifest(this.peer, manifest, this.#connection.maxRangeLength);
    }
    const range = this.#manifest.next();
    if (range === undefined) return;
    this.#manifestAskedAt = clock.now();
    const request = { type: 'MANIFEST_REQUEST', transfer: this.#transfer, ...range, manifest } as const;
    const asked = abortable(this.#connection.send(request), this.#ending.signal);
    asked.catch(() => undefined);
    if (range.position === 0) await this.#askAhead();
    await asked;
  }

  /** A small file takes the time of asking, so all of it is asked for while its manifest comes. */
  async #askAhead(): Promise<void> {
    const { rate, taker } = this.#options;
    const { aheadLength } = taker;
    const { signal } = this.#ending;
    if (aheadLength === 0 || aheadLength > this.#connection.maxRangeLength || this.pieces.isPartial) return;
    if (rate !== undefined) await rate.take(aheadLength, { signal });
    const range = this.#requests.askAhead(aheadLength);
    await abortable(this.#connection.send({ type: 'REQUEST', transfer: this.#transfer, ...range }), signal);
  }

  async #askPieces(manifest: Manifest): Promise<void> {
    const { rate, taker } = this.#options;
    this.#checkPieces(manifest);
    while (this.pieces.isKnown && !this.isLate) {
      const room = this.#requests.room(manifest.pieceLength);
      const came = room > 0 ? this.#requests.give(manifest, taker.take(this, room)) : undefined;
      if (came !== undefined) await this.#pieceCame(came);
      const due = this.#requests.nextLength;
      if (due === undefined) return;
      if (rate !== undefined) await rate.take(due, { signal: this.#ending.signal });
      // Another source may have brought it while we waited.
      const next = this.#requests.ask();
      if (next === undefined) return;
      const { length, position } = next;
      const request = { type: 'REQUEST', transfer: this.#transfer, position, length } as const;
      await abortable(this.#connection.send(request), this.#ending.signal);
    }
  }

  /** What the source told of before the manifest was known may turn out to be no pieces of the file. */
  #checkPieces(manifest: Manifest): void {
    try {
      this.pieces.setCount(pieceCount(manifest));
    } catch (error) {
      this.#connection.fail(toError(error));
      throw error;
    }
  }

  #waitingSince(): number | undefined {
    const asked = this.#requests.oldestAskedAt ?? this.#manifestAskedAt;
    return asked ?? (this.pieces.isKnown ? undefined : this.#startedAt);
  }
}
