import { KernelError, errorCode, toError, type NodeId } from '../../kernel/index.ts';
import type { Backoff } from '../../kit/backoff.ts';
import { sleep } from '../../kit/sleep.ts';
import type { IncomingFile } from '../files/file-store.ts';
import { escapeForDisplay } from '../messages/display.ts';
import type { SmfxMessage } from '../messages/message.ts';
import type { FileRecord } from '../records.ts';
import { Download } from './download.ts';
import { failureFields } from './failure-fields.ts';
import { ReceivedContent } from './received-content.ts';
import type { Source, SourceOpener } from './source-opener.ts';
import type { TransferConnection } from './transfer-connection.ts';
import type { SharedTransferOptions } from './transfer-options.ts';
import { hasNoRoom, roomBackoff } from './want-of-room.ts';

export interface WholeFetchOptions {
  readonly node: SharedTransferOptions;
  readonly opener: SourceOpener;
  /** Without a manifest. */
  readonly record: FileRecord;
  /** Best placed first. Those that hold a part only are not asked. */
  readonly sources: readonly Source[];
  readonly onProgress: (received: number, source: NodeId) => void;
}

interface Attempt {
  readonly content: ReceivedContent;
  readonly incoming: IncomingFile;
}

/**
 * Brings a file of which only the checksum of the whole is known: from one source after the other, each asked for what is missing, so that it
 * is known who is to blame for a wrong content.
 */
export class WholeFetch {
  readonly #options: WholeFetchOptions;
  readonly #record: FileRecord;
  readonly #sources: Source[];
  /** Those that had no room: asked again, after a pause, when there is nobody else. */
  readonly #full: Source[] = [];
  readonly #pause: Backoff;
  readonly #failures: string[] = [];
  /** Whether each source has to deliver the whole content, since a mixture turned out wrong and nobody knows whose part. */
  #alone = false;
  #attempt: Attempt | undefined;

  constructor(options: WholeFetchOptions) {
    this.#options = options;
    this.#record = options.record;
    this.#sources = options.sources.filter(({ isPartial }) => isPartial !== true);
    this.#pause = roomBackoff(options.node.random);
  }

  /**
   * Bytes from each source, when the file is in place. Rejects with ERR_NO_SOURCE naming each source and why, the disk's failure, or the
   * signal's reason; nothing is left of the file then. Once.
   */
  async run(signal: AbortSignal): Promise<Record<NodeId, number>> {
    try {
      return await this.#run(signal);
    } finally {
      await this.#discard();
    }
  }

  async #run(signal: AbortSignal): Promise<Record<NodeId, number>> {
    for (let source = await this.#next(signal); source !== undefined; source = await this.#next(signal)) {
      this.#attempt ??= await this.#begin(signal);
      const sources = await this.#fetchFrom(source, this.#attempt, signal);
      if (sources !== undefined) return sources;
      if (this.#alone) await this.#discard();
    }
    const tried = this.#failures.join('; ') || 'nobody holds it';
    throw new KernelError('ERR_NO_SOURCE', `${escapeForDisplay(this.#record.name)} could not be fetched: ${tried}`);
  }

  async #next(signal: AbortSignal): Promise<Source | undefined> {
    if (this.#sources.length === 0 && this.#full.length > 0) {
      await sleep(this.#options.node.clock, this.#pause.nextMs(), signal);
      signal.throwIfAborted();
      this.#sources.push(...this.#full.splice(0));
    }
    return this.#sources.shift();
  }

  /** `undefined` where the source failed, or has no room, and the next is to be asked. */
  async #fetchFrom(source: Source, attempt: Attempt, signal: AbortSignal): Promise<Record<NodeId, number> | undefined> {
    let download: Download;
    try {
      download = await this.#download(source, attempt.content, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (attempt.content.failure !== undefined) throw attempt.content.failure;
      if (hasNoRoom(error) && source.offer === undefined) this.#full.push(source);
      else this.#failOver(source, toError(error));
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
    return Object.fromEntries(attempt.content.sources);
  }

  /** Downloads what is missing; once more where the source had left the connection that was kept. */
  async #download(source: Source, content: ReceivedContent, signal: AbortSignal): Promise<Download> {
    const { connection, opening, reused } = await this.#options.opener.open(source, { signal });
    const download = this.#createDownload(connection, opening, content);
    try {
      await download.run({ signal });
      return download;
    } catch (error) {
      const stale = reused && connection.ended && !download.receivedAny;
      if (!stale || signal.aborted || content.failure !== undefined) throw error;
    }
    const again = await this.#options.opener.open(source, { signal, fresh: true });
    const second = this.#createDownload(again.connection, again.opening, content);
    await second.run({ signal });
    return second;
  }

  #createDownload(connection: TransferConnection, opening: SmfxMessage, content: ReceivedContent): Download {
    const { node, onProgress } = this.#options;
    const { size } = this.#record;
    const name = escapeForDisplay(this.#record.name);
    const fields = { transfer: opening.transfer, peer: connection.peer, name, tunnel: connection.isTunnel };
    node.logger.info('transfer.download_started', { ...fields, bytes: size - content.written });
    return new Download({
      connection,
      opening,
      content,
      clock: node.clock,
      rate: node.rates.download,
      window: node.settings.transferWindow,
      stallMs: node.settings.transferStallMs,
      onProgress: (source) => onProgress(content.written, source),
    });
  }

  async #begin(signal: AbortSignal): Promise<Attempt> {
    const { files, pieceStrategy } = this.#options.node;
    signal.throwIfAborted();
    const incoming = await files.receive(this.#record);
    const holders = this.#sources.length + 1;
    return { incoming, content: new ReceivedContent({ record: this.#record, incoming, pieceStrategy, holders }) };
  }

  #failOver(source: Source, error: Error): void {
    this.#failures.push(`${source.holder}: ${errorCode(error) ?? 'ERR_CONNECTION_LOST'}, ${error.message}`);
    this.#options.node.logger.warn('transfer.failover', {
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
    const fields = { name, checksum: this.#record.checksum, peers: suspects };
    this.#options.node.logger.warn('transfer.checksum_failed', fields);
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
