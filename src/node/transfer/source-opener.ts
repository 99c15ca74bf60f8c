import type { SmfxMessage } from '../messages/message.ts';
import type { FileRecord } from '../records.ts';
import type { PooledConnection } from './connection-pool.ts';
import type { HolderLines } from './holder-lines.ts';
import type { TransferConnection } from './transfer-connection.ts';
import { newTransferNumber, type KnownSource, type TransferOptions } from './transfer-options.ts';

/** Who is asked for a file. */
export interface Source extends KnownSource {
  /** Where it offered the file, and with which number. */
  readonly offer?: { readonly connection: TransferConnection; readonly transfer: string } | undefined;
}

/** The way to a source, and the message that opens the transfer on it. */
export interface OpenedSource extends PooledConnection {
  readonly opening: SmfxMessage;
}

export interface OpenSourceOptions {
  readonly signal: AbortSignal;
  /** Not a connection that served before, and not the one of an offer. */
  readonly fresh?: boolean;
}

/** Finds the connections to the sources of one file. */
export class SourceOpener {
  readonly #options: Pick<TransferOptions, 'random' | 'self'>;
  readonly #lines: HolderLines;
  readonly #record: FileRecord;

  constructor(options: Pick<TransferOptions, 'random' | 'self'>, lines: HolderLines, record: FileRecord) {
    this.#options = options;
    this.#lines = lines;
    this.#record = record;
  }

  /**
   * A peer that offered is answered where it offered; only a tunnel is left for something faster if there is. Rejects with what hindered
   * the dial, or the source's refusal.
   */
  async open(source: Source, { signal, fresh = false }: OpenSourceOptions): Promise<OpenedSource> {
    const { holder, isPartial = false } = source;
    const offer = fresh ? undefined : source.offer;
    const opening = this.#opening(isPartial, offer?.transfer);
    if (offer === undefined) return { ...(await this.#lines.open(holder, opening, { signal, fresh })), opening };
    if (!offer.connection.isTunnel) return { connection: offer.connection, reused: false, opening };
    const reached = await this.#lines.reachOfferer(offer.connection, { signal });
    // From here on the transfer lives on the other connection alone, and the tunnel may go.
    if (reached.connection !== offer.connection) offer.connection.retire(offer.transfer);
    return { ...reached, opening };
  }

  #opening(parts: boolean, transfer = newTransferNumber(this.#options.random)): SmfxMessage {
    const { name, checksum } = this.#record;
    return { type: 'SMFX', address: this.#options.self.address(), name, transfer, checksum, parts };
  }
}
