import { KernelError, toError, type NodeId } from '../../kernel/index.ts';
import { blake3 } from '../../kit/blake3.ts';
import { deferred } from '../../kit/deferred.ts';
import type { SmallFileStore } from '../files/small-files.ts';
import { escapeForDisplay } from '../messages/display.ts';
import type { BinaryMessage, DataMessage, ManifestMessage } from '../messages/message.ts';
import { checkManifest, decodeManifest, isPiece, pieceCount, pieceRange, type Manifest } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';
import { discardContent } from './content-memory.ts';
import type { HolderLines } from './holder-lines.ts';
import { IncomingManifest } from './incoming-manifest.ts';
import { SMALL_LENGTH } from './limits.ts';
import { refusal } from './refusal.ts';
import type { Source } from './source-opener.ts';
import type { FailedSource } from './source-roster.ts';
import { unexpected, type TransferConnection, type TransferHandler } from './transfer-connection.ts';
import { newTransferNumber, type SharedTransferOptions } from './transfer-options.ts';
import { hasNoRoom } from './want-of-room.ts';
import { rejectPiece } from './wrong-piece.ts';

export interface SmallFetchOptions {
  readonly node: SharedTransferOptions;
  readonly lines: Pick<HolderLines, 'ready'>;
  readonly record: FileRecord;
  /** Best placed first. */
  readonly sources: readonly Source[];
  readonly onProgress: (received: number, source: NodeId) => void;
}

/** How it ended: bytes from each source, when the file is in place; else who can be asked for it in the usual way, and who failed meanwhile. */
export type SmallFetchEnd =
  | { readonly brought: Record<NodeId, number> }
  | { readonly sources: readonly Source[]; readonly failed?: FailedSource | undefined };

/** How long the first source is waited for where there are others. */
const PATIENCE_MS = 2_000;

/**
 * Brings a small file from its first source with one question: opening, manifest and content are asked for in one go, and what comes is verified in memory. All
 * that a larger file needs (several sources, windows, parts that are kept) would cost more than the file; where one question does not do, the file is
 * fetched like any other.
 */
export class SmallFetch implements TransferHandler {
  readonly #options: SmallFetchOptions;
  readonly #source: Source;
  readonly #small: SmallFileStore;
  readonly #connection: TransferConnection;
  readonly #transfer: string;
  readonly #manifest: IncomingManifest;
  /** When all has come, or nothing more will. */
  readonly #ended = deferred<undefined>();
  #encoded: Uint8Array | undefined;
  #bytes: Uint8Array | undefined;
  #failure: Error | undefined;
  /** Whether the source may do where it is asked in the usual way. */
  #isAskedAgain = false;

  private constructor(
    options: SmallFetchOptions,
    source: Source,
    small: SmallFileStore,
    connection: TransferConnection,
  ) {
    this.#options = options;
    this.#source = source;
    this.#small = small;
    this.#connection = connection;
    this.#transfer = newTransferNumber(options.node.random);
    this.#manifest = new IncomingManifest(connection.peer, options.record.manifest, connection.maxRangeLength);
  }

  /** A fetch of a file that is likely to be one piece, none of which is here, from a holder of all of it that we are connected with; else `undefined`. */
  static of(options: SmallFetchOptions): SmallFetch | undefined {
    const { lines, node, record, sources } = options;
    const { pieceStrategy, settings, small } = node;
    const { size } = record;
    const [source] = sources;
    if (small === undefined || source === undefined || source.offer !== undefined || source.isPartial === true)
      return undefined;
    if (size === 0 || size > Math.min(SMALL_LENGTH, settings.transferWindow, pieceStrategy.pieceLength(size)))
      return undefined;
    const connection = lines.ready(source.holder);
    if (connection === undefined || size > connection.maxRangeLength || !small.takes(record)) return undefined;
    return new SmallFetch(options, source, small, connection);
  }

  /** Rejects with the codes of SmallFileStore.put, or the signal's reason. Once. */
  async run(signal: AbortSignal): Promise<SmallFetchEnd> {
    const { onProgress, record } = this.#options;
    const { peer } = this.#connection;
    try {
      await this.#receive(signal);
      const { bytes, encoded, manifest } = this.#verified();
      // Who was asked has a place for others again.
      this.#connection.answer({ type: 'DONE', transfer: this.#transfer });
      this.#connection.retire(this.#transfer);
      await this.#small.put({ record, manifest, encoded, bytes }, { signal });
      discardContent(bytes);
      onProgress(record.size, peer);
      return { brought: { [peer]: record.size } };
    } catch (error) {
      this.#connection.refuse(this.#transfer, toError(error));
      if (signal.aborted || this.#failure === undefined || error !== this.#failure) throw error;
      return this.#giveUp(this.#failure);
    }
  }

  receive(message: BinaryMessage): void {
    switch (message.type) {
      case 'DATA':
        this.#takeContent(message);
        return;
      case 'MANIFEST':
        this.#takeManifest(message);
        return;
      case 'REFUSE':
        // The source has forgotten the transfer: there is nobody to tell of the end.
        this.#connection.retire(this.#transfer);
        this.#fail(refusal(this.#connection.peer, message));
        return;
      default:
        throw unexpected(this.#connection.peer, message);
    }
  }

  end(error: Error): void {
    // The source may have left the connection, which was kept, without our knowing.
    this.#isAskedAgain = this.#encoded === undefined && this.#bytes === undefined;
    this.#fail(error);
  }

  async #receive(signal: AbortSignal): Promise<void> {
    const { node, record, sources } = this.#options;
    const { transferStallMs: stallMs } = node.settings;
    // The source owes nothing meanwhile.
    await node.rates.download?.take(record.size, { signal });
    signal.throwIfAborted();
    const abort = () => this.#fail(toError(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    const patienceMs = sources.length > 1 ? Math.min(PATIENCE_MS, stallMs) : stallMs;
    const timer = node.clock.setTimer(patienceMs, () => this.#stall(patienceMs));
    try {
      this.#connection.register(this.#transfer, this);
      this.#ask();
      await this.#ended.promise;
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  #ask(): void {
    const { node, record } = this.#options;
    const { checksum, manifest, name, size } = record;
    const transfer = this.#transfer;
    node.logger.info('transfer.download_started', {
      transfer,
      peer: this.#connection.peer,
      name: escapeForDisplay(name),
      tunnel: false,
      partial: false,
      bytes: size,
    });
    const range = this.#manifest.next();
    const messages = [
      { type: 'SMFX', address: node.self.address(), name, transfer, checksum, parts: false },
      ...(range === undefined ? [] : [{ type: 'MANIFEST_REQUEST', transfer, ...range, manifest } as const]),
      { type: 'REQUEST', transfer, position: 0, length: size },
    ] as const;
    // All in one turn, so in one packet; a connection that fails ends the transfer.
    for (const message of messages)
      this.#connection.send(message).catch((error: unknown) => this.#fail(toError(error)));
  }

  #takeManifest(message: ManifestMessage): void {
    const answer = this.#manifest.take(message);
    if (answer === undefined || answer === 'none') {
      this.#isAskedAgain = true;
      this.#fail(new KernelError('ERR_MANIFEST', `${this.#connection.peer} did not send the whole manifest at once`));
      return;
    }
    this.#encoded = answer.encoded;
    this.#came();
  }

  #takeContent(message: DataMessage): void {
    const { bytes, position } = message;
    const isAskedFor = position === 0 && bytes.length === this.#options.record.size && this.#bytes === undefined;
    if (!isAskedFor) throw unexpected(this.#connection.peer, message);
    this.#bytes = bytes;
    this.#came();
  }

  #came(): void {
    if (this.#bytes !== undefined && this.#encoded !== undefined) this.#ended.resolve(undefined);
  }

  /** @throws ERR_MANIFEST where the manifest is not that of the record, the failure of the source where the content is wrong. */
  #verified(): { readonly bytes: Uint8Array; readonly encoded: Uint8Array; readonly manifest: Manifest } {
    const { node, record } = this.#options;
    const bytes = this.#bytes ?? new Uint8Array();
    const encoded = this.#encoded ?? new Uint8Array();
    const manifest = decodeManifest(encoded);
    checkManifest(manifest, record);
    for (let piece = 0; piece < pieceCount(manifest); piece++) {
      const { length, position } = pieceRange(manifest, piece);
      if (isPiece(manifest, piece, blake3(bytes.subarray(position, position + length)))) continue;
      this.#failure = rejectPiece(node, record, this.#connection.peer, piece);
      throw this.#failure;
    }
    return { bytes, encoded, manifest };
  }

  #stall(ms: number): void {
    const connection = this.#connection;
    const error = new KernelError('ERR_TRANSFER_STALLED', `${connection.peer} sent nothing for ${ms} ms`);
    // Where others can be asked it is the last of them; they may do no better.
    this.#isAskedAgain = this.#options.sources.length > 1;
    // Where nothing else came either, the connection is dead rather than the source slow with one file.
    if (connection.silentMs >= this.#options.node.settings.transferStallMs) connection.fail(error);
    this.#fail(error);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#ended.resolve(undefined);
  }

  #giveUp(error: Error): SmallFetchEnd {
    const others = this.#options.sources.slice(1);
    if (this.#isAskedAgain || hasNoRoom(error)) return { sources: [...others, this.#source] };
    return { sources: others, failed: { source: this.#source, error } };
  }
}
