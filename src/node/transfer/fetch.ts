import { KernelError, errorCode, toError, type NodeId } from '../../kernel/index.ts';
import type { TransferProgress } from '../api.ts';
import type { IncomingFile } from '../files/file-store.ts';
import { escapeForDisplay } from '../messages/display.ts';
import type { SmfxMessage } from '../messages/message.ts';
import type { FileRecord } from '../records.ts';
import { Download } from './download.ts';
import { failureFields } from './failure-fields.ts';
import type { HolderLines } from './holder-lines.ts';
import { ReceivedContent } from './received-content.ts';
import type { TransferConnection } from './transfer-connection.ts';
import { newTransferNumber, type TransferOptions } from './transfer-options.ts';

/** Who is asked for a file. */
export interface Source {
  readonly holder: NodeId;
  /** Where it offered the file, and with which number. */
  readonly offer?: { readonly connection: TransferConnection; readonly transfer: string } | undefined;
}

/** What a fetch came to. */
export interface FetchOutcome {
  readonly seconds: number;
  /** Bytes of the content from each source. */
  readonly sources: Record<NodeId, number>;
}

interface Attempt {
  readonly content: ReceivedContent;
  readonly incoming: IncomingFile;
}

/** Brings one file, asking one source after the other for what is missing, until it is whole, verified and in place. */
export class Fetch {
  readonly #options: TransferOptions;
  readonly #lines: HolderLines;
  readonly #record: FileRecord;
  readonly #sources: Source[];
  readonly #listeners = new Set<(progress: TransferProgress) => void>();
  readonly #failures: string[] = [];
  readonly #startedAt: number;
  /** Whether each source has to deliver the whole content, since a mixture turned out wrong and nobody knows whose part. */
  #alone = false;
  #attempt: Attempt | undefined;

  constructor(options: TransferOptions, lines: HolderLines, record: FileRecord, sources: readonly Source[]) {
    this.#options = options;
    this.#lines = lines;
    this.#record = record;
    this.#sources = [...sources];
    this.#startedAt = options.clock.now();
  }

  /** Calls back whenever bytes were written; `received` falls where a wrong content is discarded. Returns what ends it. */
  listen(listener: (progress: TransferProgress) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects with ERR_NO_SOURCE naming each source and why, the disk's failure, or the signal's reason; nothing is left of the file then. Once. */
  async run(signal: AbortSignal): Promise<FetchOutcome> {
    const { logger } = this.#options;
    const about = { name: escapeForDisplay(this.#record.name), checksum: this.#record.checksum };
    try {
      const outcome = await this.#run(signal);
      logger.info('transfer.fetch_ended', { ...about, bytes: this.#record.size, ...outcome });
      return outcome;
    } catch (error) {
      logger.warn('transfer.fetch_failed', { ...about, ...failureFields(error) });
      throw error;
    } finally {
      await this.#discard();
    }
  }

  async #run(signal: AbortSignal): Promise<FetchOutcome> {
    for (let source = this.#sources.shift(); source !== undefined; source = this.#sources.shift()) {
      this.#attempt ??= await this.#begin(signal);
      const outcome = await this.#fetchFrom(source, this.#attempt, signal);
      if (outcome !== undefined) return outcome;
      if (this.#alone) await this.#discard();
    }
    const tried = this.#failures.join('; ') || 'nobody holds it';
    throw new KernelError('ERR_NO_SOURCE', `${escapeForDisplay(this.#record.name)} could not be fetched: ${tried}`);
  }

  /** `undefined` where the source failed and the next is to be asked. */
  async #fetchFrom(source: Source, attempt: Attempt, signal: AbortSignal): Promise<FetchOutcome | undefined> {
    let download: Download;
    try {
      download = await this.#download(source, attempt.content, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (attempt.content.failure !== undefined) throw attempt.content.failure;
      this.#failOver(source, toError(error));
      return undefined;
    }
    try {
      await attempt.incoming.commit({ signal });
    } catch (error) {
      download.refuse(toError(error));
      if (errorCode(error) !== 'ERR_CHECKSUM') throw error;
      this.#reject(source, attempt.content);
      return undefined;
    }
    download.done();
    const seconds = (this.#options.clock.now() - this.#startedAt) / 1_000;
    return { seconds, sources: Object.fromEntries(attempt.content.sources) };
  }

  /** Downloads what is missing; once more where the source had left the connection that was kept. */
  async #download(source: Source, content: ReceivedContent, signal: AbortSignal): Promise<Download> {
    const opening = this.#opening(source.offer?.transfer);
    const { connection, reused } = await this.#connect(source, opening, signal);
    const download = this.#createDownload(connection, opening, content);
    try {
      await download.run({ signal });
      return download;
    } catch (error) {
      const stale = reused && connection.ended && !download.receivedAny;
      if (!stale || signal.aborted || content.failure !== undefined) throw error;
    }
    const again = this.#opening();
    const fresh = await this.#lines.open(source.holder, again, { signal, fresh: true });
    const second = this.#createDownload(fresh.connection, again, content);
    await second.run({ signal });
    return second;
  }

  /** A peer that offered is answered where it offered; only a tunnel is left for something faster if there is. */
  async #connect(source: Source, opening: SmfxMessage, signal: AbortSignal) {
    const { holder, offer } = source;
    if (offer === undefined) return this.#lines.open(holder, opening, { signal });
    if (!offer.connection.isTunnel) return { connection: offer.connection, reused: false };
    const reached = await this.#lines.reachOfferer(offer.connection, { signal });
    // From here on the transfer lives on the other connection alone, and the tunnel may go.
    if (reached.connection !== offer.connection) offer.connection.retire(offer.transfer);
    return reached;
  }

  #opening(transfer = newTransferNumber(this.#options.random)): SmfxMessage {
    const { name, checksum } = this.#record;
    return { type: 'SMFX', address: this.#options.self.address(), name, transfer, checksum };
  }

  #createDownload(connection: TransferConnection, opening: SmfxMessage, content: ReceivedContent): Download {
    const { clock, logger, settings } = this.#options;
    const { size } = this.#record;
    const name = escapeForDisplay(this.#record.name);
    const fields = { transfer: opening.transfer, peer: connection.peer, name, tunnel: connection.isTunnel };
    logger.info('transfer.download_started', { ...fields, bytes: size - content.written });
    const onProgress = (source: NodeId) => {
      for (const listener of this.#listeners) listener({ received: content.written, size, source });
    };
    const { transferWindow: window, transferStallMs: stallMs } = settings;
    return new Download({ connection, opening, content, clock, window, stallMs, onProgress });
  }

  async #begin(signal: AbortSignal): Promise<Attempt> {
    const { files, pieceStrategy } = this.#options;
    signal.throwIfAborted();
    const incoming = await files.receive({ ...this.#record, manifest: '' });
    const holders = this.#sources.length + 1;
    return { incoming, content: new ReceivedContent({ record: this.#record, incoming, pieceStrategy, holders }) };
  }

  #failOver(source: Source, error: Error): void {
    this.#failures.push(`${source.holder}: ${errorCode(error) ?? 'ERR_CONNECTION_LOST'}, ${error.message}`);
    this.#options.logger.warn('transfer.failover', {
      name: escapeForDisplay(this.#record.name),
      peer: source.holder,
      ...failureFields(error),
      received: this.#attempt?.content.written,
      next: this.#sources[0]?.holder,
    });
  }

  /** The content was wrong. A source that gave all of it is left out; of several each gets to deliver all of it alone. */
  #reject(last: Source, { sources }: ReceivedContent): void {
    this.#attempt = undefined;
    const suspects = [...new Set([...sources.keys(), last.holder])];
    const name = escapeForDisplay(this.#record.name);
    this.#options.logger.warn('transfer.checksum_failed', { name, checksum: this.#record.checksum, peers: suspects });
    if (suspects.length > 1) {
      this.#alone = true;
      this.#sources.push(...suspects.map((holder) => ({ holder })));
    } else {
      this.#failures.push(`${last.holder}: ERR_CHECKSUM, what it sent does not have the promised checksum`);
    }
  }

  async #discard(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (attempt === undefined) return;
    await attempt.content.discard();
  }
}
