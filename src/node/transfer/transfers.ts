import { KernelError, type AbortOptions, type NodeId, type Session } from '../../kernel/index.ts';
import { withDeadline } from '../../kit/deadline.ts';
import type { SendResult } from '../api.ts';
import type { OpeningMessage } from '../messages/message.ts';
import type { Manifest } from '../pieces/manifest.ts';
import type { FileRecord } from '../records.ts';
import { ConnectionPool } from './connection-pool.ts';
import { Downloads, type FetchOptions } from './downloads.ts';
import type { FetchOutcome } from './fetch.ts';
import { HolderLines } from './holder-lines.ts';
import { Jobs } from './jobs.ts';
import { PieceChallenge } from './piece-challenge.ts';
import { PieceSurvey, type SurveyedSource } from './piece-survey.ts';
import { SourceOpener } from './source-opener.ts';
import type { TransferOptions } from './transfer-options.ts';
import { transferRates } from './transfer-rates.ts';
import { Uploads } from './uploads.ts';
import { askWhenThereIsRoom } from './want-of-room.ts';

export interface ChallengeOptions extends AbortOptions {
  /** That of the record. */
  readonly manifest: Manifest;
  /** What the holder is to show, each once. */
  readonly pieces: readonly number[];
}

export interface SurveyOptions extends AbortOptions {
  /** Whether to ask for the manifest too. */
  readonly wantsManifest: boolean;
}

/**
 * Moves file content between this node and others, in both directions, on connections of its own (`docs/protocol.md`, Transfers). Two
 * nodes that cannot dial each other use the tunnel inside their direct connection.
 */
export class Transfers {
  readonly #pool: ConnectionPool;
  readonly #downloads: Downloads;
  readonly #uploads: Uploads;
  readonly #lines: HolderLines;
  readonly #options: TransferOptions;
  readonly #surveys = new Jobs();
  #closing: Promise<void> | undefined;

  constructor(options: TransferOptions) {
    const { clock, logger, peers, settings } = options;
    this.#pool = new ConnectionPool({
      peers,
      clock,
      logger,
      idleMs: settings.transferIdleMs,
      dialMs: settings.transferStallMs,
      onOpening: (connection, message) => {
        if (message.type === 'SMFX') this.#uploads.receive(connection, message);
        else this.#downloads.receive(connection, message);
      },
    });
    // A holder tries to dial for as long as we would before it answers through the tunnel.
    const lines = new HolderLines(this.#pool, clock, 2 * settings.transferStallMs);
    const shared = { ...options, rates: transferRates(settings, clock) };
    this.#options = options;
    this.#lines = lines;
    this.#downloads = new Downloads(shared, lines);
    this.#uploads = new Uploads(shared, this.#pool);
  }

  /** Transfers under way, in either direction. */
  get active(): number {
    return this.#downloads.active + this.#uploads.active;
  }

  /** Whether somebody fetches a file into this folder. */
  get isFetching(): boolean {
    return this.#downloads.intoFolder > 0;
  }

  /** Whether files go out to who asked for them, or is to have them by SEND: not the copies that others keep at our wish. */
  get isServing(): boolean {
    return this.#uploads.served > 0;
  }

  /**
   * Brings a file into the folder, from the first of the holders (best placed first) that can deliver; when one fails, the next is asked
   * for what is missing, and one that has no room is asked again while there is nobody else. Resolves when the file is verified and in place. Whoever asks for the same content under the same name meanwhile shares the
   * outcome. Rejects with ERR_NO_SOURCE, naming each holder and why; with the file store's code where the file cannot be
   * kept here (ERR_DISK_FULL, ERR_NAME_NOT_STORABLE…); ERR_CLOSED; or the signal's reason. Nothing partial is left then.
   */
  fetch(record: FileRecord, holders: readonly NodeId[], options: FetchOptions = {}): Promise<FetchOutcome> {
    return this.#downloads.fetch(
      record,
      [...new Set(holders)].map((holder) => ({ holder })),
      options,
    );
  }

  /**
   * Offers a file of this folder to nodes, and serves those that lack it. One result for each target, in their order: a target that
   * fails does not stop the others, and one that has no room is asked again for as long as it says so. Rejects with ERR_CLOSED or the signal's reason.
   */
  offer(record: FileRecord, targets: readonly NodeId[], options: FetchOptions = {}): Promise<SendResult[]> {
    return this.#uploads.offer(record, targets, options);
  }

  /**
   * Asks nodes to keep a file for the network, and serves those that will. One result for each, as `offer`: 'received' and 'present' say that it is kept,
   * ERR_LIMIT that there is no room now.
   */
  keep(record: FileRecord, targets: readonly NodeId[], options: AbortOptions = {}): Promise<SendResult[]> {
    return this.#uploads.offer(record, targets, { ...options, as: 'KEEP' });
  }

  /** Asks nodes to give up the replicas they keep of a file. One result for each, as `offer`: 'present' says that it did. */
  drop(record: FileRecord, targets: readonly NodeId[], options: AbortOptions = {}): Promise<SendResult[]> {
    return this.#uploads.offer(record, targets, { ...options, as: 'DROP' });
  }

  /**
   * Asks a node which pieces of a file it has. Rejects with what hindered that, ERR_TRANSFER_STALLED where it says nothing for `transferStallMs`, ERR_CLOSED,
   * or the signal's reason.
   */
  survey(record: FileRecord, holder: NodeId, { signal, wantsManifest }: SurveyOptions): Promise<SurveyedSource> {
    const { clock, settings } = this.#options;
    const ms = settings.transferStallMs;
    const late = () => new KernelError('ERR_TRANSFER_STALLED', `${holder} did not say within ${ms} ms what it has`);
    const opener = new SourceOpener(this.#options, this.#lines, record);
    return this.#surveys.run(signal, (ending) =>
      withDeadline(clock, ms, late, ending, (within) =>
        askWhenThereIsRoom(this.#options, within, async () => {
          const opened = await opener.open({ holder, isPartial: true }, { signal: within });
          within.throwIfAborted();
          return new PieceSurvey(opened).run(wantsManifest ? record.manifest : undefined, within);
        }),
      ),
    );
  }

  /**
   * Has a holder show that it has pieces of a file. Rejects with ERR_CHECKSUM where one is wrong, what hindered it, ERR_TRANSFER_STALLED where it takes longer
   * than `transferStallMs`, ERR_CLOSED, or the signal's reason.
   */
  challenge(record: FileRecord, holder: NodeId, { signal, manifest, pieces }: ChallengeOptions): Promise<void> {
    const { clock, settings } = this.#options;
    const ms = settings.transferStallMs;
    const late = () => new KernelError('ERR_TRANSFER_STALLED', `${holder} did not show what it has within ${ms} ms`);
    const opener = new SourceOpener(this.#options, this.#lines, record);
    return this.#surveys.run(signal, (ending) =>
      withDeadline(clock, ms, late, ending, (within) =>
        askWhenThereIsRoom(this.#options, within, async () => {
          const opened = await opener.open({ holder }, { signal: within });
          within.throwIfAborted();
          await new PieceChallenge(opened, manifest, pieces).run(within);
        }),
      ),
    );
  }

  /** Takes over a session that a peer dialled and whose first frame, already read, opens a transfer. */
  accept(session: Session, first: OpeningMessage): void {
    this.#pool.accept(session, first);
  }

  /** Reads the tunnel of a direct connection from now on; to be called at both ends of each. Idempotent. */
  attachTunnel(session: Session): void {
    this.#pool.attachTunnel(session);
  }

  /** Ends every transfer with ERR_CLOSED, removes what is partial, closes the connections. Idempotent. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close(new KernelError('ERR_CLOSED', 'the node is closing'));
    return this.#closing;
  }

  async #close(reason: Error): Promise<void> {
    await Promise.all([this.#downloads.close(reason), this.#uploads.close(reason), this.#surveys.close(reason)]);
    await this.#pool.close(reason);
  }
}
