import { KernelError, toError, type NodeId, type Timer } from '../../kernel/index.ts';
import { deferred } from '../../kit/deferred.ts';
import type { IncomingFile } from '../files/file-store.ts';
import type { Manifest } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';
import type { ManifestAnswer } from './incoming-manifest.ts';
import { MAX_SOURCES, PIECES_PER_SOURCE, SMALL_LENGTH } from './limits.ts';
import { PartTelling } from './part-telling.ts';
import { PieceContent } from './piece-content.ts';
import type { PieceSource } from './piece-source.ts';
import type { PieceTaker } from './piece-taker.ts';
import type { Source, SourceOpener } from './source-opener.ts';
import { SourceRoster, type FailedSource } from './source-roster.ts';
import type { SharedTransferOptions } from './transfer-options.ts';
import { rejectPiece } from './wrong-piece.ts';

export interface PieceFetchOptions {
  readonly node: SharedTransferOptions;
  readonly opener: SourceOpener;
  readonly record: FileRecord;
  /** Best placed first. */
  readonly sources: readonly Source[];
  /** A source that has failed with this file already. */
  readonly failed?: FailedSource | undefined;
  readonly onProgress: (received: number, source: NodeId) => void;
}

/** How often we look whether a source is late, gone, or new. */
const PULSE_MS = 100;

/** How often we look for sources that are new, in pulses. */
const LOOK_PULSES = 10;

/** How long one source is waited for to send the manifest before the next is asked too. An older node never answers. */
const MANIFEST_PATIENCE_MS = 3_000;

/**
 * Brings one file in pieces, from several sources at once. Each piece is verified before it is written, so a source can fail, freeze or lie
 * without harm to what came from others, and what was written is kept where the fetch does not end well.
 */
export class PieceFetch implements PieceTaker {
  readonly #options: PieceFetchOptions;
  readonly #roster: SourceRoster;
  readonly #ended = deferred<'complete' | 'no manifest'>();
  readonly #closing = new AbortController();
  readonly #telling: PartTelling;
  /** Sources that do not have the manifest, or did not send it in time. */
  readonly #lacking = new Set<PieceSource>();
  #asked: { readonly source: PieceSource; readonly at: number } | undefined;
  #incoming: IncomingFile | undefined;
  #beginning: Promise<void> | undefined;
  #content: PieceContent | undefined;
  #pulses = 0;
  #timer: Timer | undefined;
  #lastProgress: number;
  /** Until when our own disk was behind, and no source was listened to. */
  #behindUntil = -Infinity;

  constructor(options: PieceFetchOptions) {
    this.#options = options;
    this.#telling = new PartTelling(options.node, options.record);
    this.#lastProgress = options.node.clock.now();
    this.#roster = new SourceRoster({
      ...options,
      taker: this,
      wanted: () => this.#wanted(),
      received: () => this.#content?.received ?? 0,
      onExhausted: (error) => this.#exhausted(error),
    });
    // Whoever runs it hears of the end, which may come before he waits for it.
    this.#ended.promise.catch(() => undefined);
  }

  /**
   * Bytes from each source, when the file is in place; `undefined` where no source has the manifest: the file can then be had only as a
   * whole. Rejects with ERR_NO_SOURCE naming each source and why, ERR_MANIFEST where the manifest is not that of the record, the disk's failure, or the
   * signal's reason. Once.
   */
  async run(signal: AbortSignal): Promise<Record<NodeId, number> | undefined> {
    const abort = () => this.#ended.reject(toError(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await this.#run(signal);
    } finally {
      signal.removeEventListener('abort', abort);
      this.#timer?.cancel();
    }
  }

  get manifest(): Manifest | undefined {
    return this.#content?.manifest;
  }

  /** What may be on this disk already is not asked for before that is known. */
  get aheadLength(): number {
    const { node, record } = this.#options;
    const isOnePiece = record.size <= node.pieceStrategy.pieceLength(record.size);
    return isOnePiece && record.size <= SMALL_LENGTH && this.#incoming?.mayReuse === false ? record.size : 0;
  }

  wantsManifest(source: PieceSource): boolean {
    if (this.#beginning !== undefined || this.#lacking.has(source)) return false;
    if (this.#asked !== undefined && this.#roster.active.has(this.#asked.source)) return false;
    this.#asked = { source, at: this.#options.node.clock.now() };
    return true;
  }

  manifestAnswered(source: PieceSource, answer: ManifestAnswer): void {
    if (answer === 'none') this.#lacks(source);
    else this.#beginning ??= this.#begin(answer.encoded);
  }

  take(source: PieceSource, limit: number): readonly number[] {
    return this.#content?.take(source, limit, this.#options.node.clock.now()) ?? [];
  }

  giveBack(source: PieceSource, piece: number): void {
    this.#content?.board.giveBack(source, piece);
    this.#notify();
  }

  async pieceArrived(source: PieceSource, piece: number, bytes: Uint8Array): Promise<void> {
    const content = this.#content;
    if (content === undefined) return;
    this.#lastProgress = this.#options.node.clock.now();
    if (content.arrived(source, piece, bytes)) await content.writable();
    else this.#reject(source, piece);
  }

  async #run(signal: AbortSignal): Promise<Record<NodeId, number> | undefined> {
    const { node, record } = this.#options;
    signal.throwIfAborted();
    const incoming = await node.files.receive(record, { signal });
    this.#incoming = incoming;
    let end: 'complete' | 'no manifest';
    try {
      if (incoming.manifest !== undefined) this.#fetchPieces(incoming.manifest);
      else this.#look();
      this.#pulse();
      end = await this.#ended.promise;
      this.#timer?.cancel();
      await this.#content?.settled();
      // Who was asked has a place for others again; who offered hears of it when the file is in place.
      if (end === 'complete' && !this.#isOffered) await this.#done();
      if (end === 'complete') await incoming.commit({ signal });
    } catch (error) {
      await this.#giveUp(incoming, toError(error));
      throw error;
    }
    if (end === 'no manifest') {
      await this.#giveUp(incoming, new KernelError('ERR_ABORTED', 'no source has the manifest'));
      return undefined;
    }
    await this.#done();
    return Object.fromEntries(this.#content?.sources ?? []);
  }

  get #isOffered(): boolean {
    return this.#options.sources.some(({ offer }) => offer !== undefined);
  }

  /** Tells every source that nothing more is wanted. Idempotent. */
  async #done(): Promise<void> {
    await this.#roster.end(new KernelError('ERR_CLOSED', 'the download is done'), (source) => source.done());
  }

  async #giveUp(incoming: IncomingFile, error: Error): Promise<void> {
    this.#closing.abort(error);
    await this.#roster.end(error, (source) => source.refuse(error));
    await this.#beginning;
    await this.#content?.settled();
    await incoming.suspend();
    this.#telling.takeBack();
  }

  /** The manifest came. What is on this disk of it need not be fetched. Never rejects. */
  async #begin(encoded: Uint8Array): Promise<void> {
    try {
      const manifest = await this.#incoming?.begin(encoded, { signal: this.#closing.signal });
      if (manifest !== undefined) this.#fetchPieces(manifest);
    } catch (error) {
      this.#ended.reject(toError(error));
    }
  }

  #fetchPieces(manifest: Manifest): void {
    const incoming = this.#incoming;
    if (incoming === undefined || this.#closing.signal.aborted) return;
    this.#content = new PieceContent({
      incoming,
      manifest,
      pieceStrategy: this.#options.node.pieceStrategy,
      availability: (piece) => this.#roster.availability(piece),
      onWritten: (source) => this.#written(source),
    });
    if (this.#content.isComplete) {
      this.#ended.resolve('complete');
      return;
    }
    this.#look();
    this.#notify();
  }

  #written(source: NodeId): void {
    const content = this.#content;
    if (content === undefined) return;
    if (content.failure === undefined) this.#options.onProgress(content.received, source);
    else this.#ended.reject(content.failure);
    if (content.isComplete) this.#ended.resolve('complete');
  }

  /** Leaves a source out that sent a wrong piece. */
  #reject(source: PieceSource, piece: number): void {
    const { node, record } = this.#options;
    source.refuse(rejectPiece(node, record, source.peer, piece));
  }

  #lacks(source: PieceSource): void {
    this.#lacking.add(source);
    if (this.#asked?.source === source) this.#asked = undefined;
    this.#roster.fill();
    this.#notify();
    this.#checkManifest();
  }

  /** Ends where the manifest cannot come from anybody. */
  #checkManifest(): void {
    if (this.#beginning !== undefined || this.#content !== undefined || this.#roster.hasMore) return;
    const { active } = this.#roster;
    if (active.size > 0 && [...active].every((source) => this.#lacking.has(source))) this.#ended.resolve('no manifest');
  }

  #wanted(): number {
    const board = this.#content?.board;
    if (board === undefined) return this.#lacking.size + 1;
    return Math.min(MAX_SOURCES, Math.ceil(board.missing / PIECES_PER_SOURCE));
  }

  #exhausted(error: Error): void {
    // The last of it is being written.
    if (this.#content?.board.missing !== 0) this.#ended.reject(error);
  }

  /** Asks who is wanted, those among them that came up since the last time. */
  #look(): void {
    const { node, record } = this.#options;
    this.#roster.add(node.sourcesOf?.(record) ?? []);
  }

  #notify(): void {
    for (const source of this.#roster.active) source.notify();
  }

  /** Looks at what only the time tells. */
  #pulse(): void {
    const { node } = this.#options;
    const now = node.clock.now();
    if (this.#content?.isBehind === true) this.#behindUntil = now;
    else this.#checkSources();
    if (this.#content === undefined) this.#checkPatience(now);
    else if (this.#incoming !== undefined) this.#telling.tell(this.#incoming);
    if (++this.#pulses % LOOK_PULSES === 0) this.#look();
    this.#checkIdle(now);
    this.#roster.fill();
    this.#notify();
    this.#timer = node.clock.setTimer(PULSE_MS, () => this.#pulse());
  }

  #checkSources(): void {
    const board = this.#content?.board;
    for (const source of this.#roster.active) {
      source.checkStall(this.#behindUntil);
      for (const piece of source.latePieces()) board?.late(piece, (asker) => asker.isLate);
    }
  }

  #checkPatience(now: number): void {
    const asked = this.#asked;
    if (asked !== undefined && now - asked.at >= MANIFEST_PATIENCE_MS) this.#lacks(asked.source);
    this.#checkManifest();
  }

  /** Ends where all who are asked have nothing that is missing, and nothing of that comes to them. */
  #checkIdle(now: number): void {
    const active = [...this.#roster.active];
    const isBeginning = this.#beginning !== undefined && this.#content === undefined;
    // What came and is not yet on disk keeps us, and nobody else.
    const isBusy = isBeginning || this.#content?.board.missing === 0 || active.some(({ owes }) => owes);
    if (isBusy || this.#roster.hasMore) this.#lastProgress = now;
    if (now - this.#lastProgress < this.#options.node.settings.transferStallMs) return;
    const error = new KernelError('ERR_TRANSFER_STALLED', 'it has nothing of what is missing');
    for (const source of active) source.refuse(error);
  }
}
