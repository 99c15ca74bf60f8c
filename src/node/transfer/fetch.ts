import type { NodeId } from '../../kernel/index.ts';
import type { TransferProgress } from '../api.ts';
import { escapeForDisplay } from '../messages/display.ts';
import type { FileRecord } from '../records.ts';
import { failureFields } from './failure-fields.ts';
import type { HolderLines } from './holder-lines.ts';
import { PieceFetch, type PieceFetchOptions } from './piece-fetch.ts';
import { SmallFetch } from './small-fetch.ts';
import { SourceOpener, type Source } from './source-opener.ts';
import type { SharedTransferOptions } from './transfer-options.ts';
import { WholeFetch } from './whole-fetch.ts';

/** What a fetch came to. */
export interface FetchOutcome {
  readonly seconds: number;
  /** Bytes of the content from each source. */
  readonly sources: Record<NodeId, number>;
}

/**
 * Brings one file, until it is whole, verified and in place: in pieces from several sources at once, or, where nobody knows of what pieces it
 * is made, from one source after the other.
 */
export class Fetch {
  readonly #options: SharedTransferOptions;
  readonly #opener: SourceOpener;
  readonly #lines: HolderLines;
  readonly #record: FileRecord;
  readonly #sources: readonly Source[];
  readonly #listeners = new Set<(progress: TransferProgress) => void>();
  readonly #startedAt: number;

  constructor(options: SharedTransferOptions, lines: HolderLines, record: FileRecord, sources: readonly Source[]) {
    this.#options = options;
    this.#opener = new SourceOpener(options, lines, record);
    this.#lines = lines;
    this.#record = record;
    this.#sources = sources;
    this.#startedAt = options.clock.now();
  }

  /** Calls back whenever bytes were written; `received` falls where a wrong content is discarded. Returns what ends it. */
  listen(listener: (progress: TransferProgress) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Rejects with ERR_NO_SOURCE naming each source and why, ERR_MANIFEST, the disk's failure, or the signal's reason. Of a file in pieces
   * what was verified is kept then; of any other nothing is left. Once.
   */
  async run(signal: AbortSignal): Promise<FetchOutcome> {
    const { clock, logger } = this.#options;
    const about = { name: escapeForDisplay(this.#record.name), checksum: this.#record.checksum };
    try {
      const sources = await this.#run(signal);
      const outcome = { seconds: (clock.now() - this.#startedAt) / 1_000, sources };
      logger.info('transfer.fetch_ended', { ...about, bytes: this.#record.size, ...outcome });
      return outcome;
    } catch (error) {
      logger.warn('transfer.fetch_failed', { ...about, ...failureFields(error) });
      throw error;
    }
  }

  async #run(signal: AbortSignal): Promise<Record<NodeId, number>> {
    const record = this.#record;
    const { size } = record;
    const options = {
      node: this.#options,
      opener: this.#opener,
      sources: this.#sources,
      onProgress: (received: number, source: NodeId) => {
        for (const listener of this.#listeners) listener({ received, size, source });
      },
    };
    const inPieces = record.manifest === '' ? undefined : await this.#fetchPieces({ ...options, record }, signal);
    return inPieces ?? new WholeFetch({ ...options, record: { ...record, manifest: '' } }).run(signal);
  }

  /** Of a small file with one question, if that will do; `undefined` where no source has the manifest. */
  async #fetchPieces(options: PieceFetchOptions, signal: AbortSignal): Promise<Record<NodeId, number> | undefined> {
    const end = await SmallFetch.of({ ...options, lines: this.#lines })?.run(signal);
    return end !== undefined && 'brought' in end ? end.brought : new PieceFetch({ ...options, ...end }).run(signal);
  }
}
