import { KernelError, errorCode, type AbortOptions, type ErrorCode } from '../../kernel/index.ts';
import { abortable } from '../../kit/deadline.ts';
import type { TransferProgress } from '../api.ts';
import type { FileStore } from '../files/file-store.ts';
import type { DropMessage, KeepMessage, OpeningMessage, SdfxMessage, SmfxMessage } from '../messages/message.ts';
import type { FileRecord } from '../records.ts';
import { Fetch, type FetchOutcome } from './fetch.ts';
import type { HolderLines } from './holder-lines.ts';
import { Jobs } from './jobs.ts';
import { refusal } from './refusal.ts';
import type { Source } from './source-opener.ts';
import { unexpected, type TransferConnection } from './transfer-connection.ts';
import type { SharedTransferOptions } from './transfer-options.ts';

export interface FetchOptions extends AbortOptions {
  /** Called as bytes are written; `received` falls back where a wrong content was discarded. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** Where it goes: the folder unless told otherwise. */
  readonly into?: FileStore | undefined;
}

/** A fetch under way, for whoever else wants the same content. */
interface Running {
  readonly fetch: Fetch;
  readonly outcome: Promise<FetchOutcome>;
}

/** The receiving side: fetches for GET, and for files that are offered. */
export class Downloads {
  readonly #options: SharedTransferOptions;
  readonly #lines: HolderLines;
  /** Into the folder, and into what is kept for others; by checksum and name. */
  readonly #running = { folder: new Map<string, Running>(), replicas: new Map<string, Running>() };
  readonly #jobs = new Jobs();
  #offersTaken = 0;
  #intoFolder = 0;

  constructor(options: SharedTransferOptions, lines: HolderLines) {
    this.#options = options;
    this.#lines = lines;
  }

  /** Files on their way in, those that wait for another fetch of the same included. */
  get active(): number {
    return this.#jobs.size;
  }

  /** Fetches into the folder, those that wait included. */
  get intoFolder(): number {
    return this.#intoFolder;
  }

  /** See Transfers.fetch. */
  async fetch(record: FileRecord, sources: readonly Source[], options: FetchOptions = {}): Promise<FetchOutcome> {
    const isForFolder = options.into === undefined;
    if (isForFolder) this.#intoFolder++;
    try {
      return await this.#jobs.run(options.signal, (signal) => this.#fetch(record, sources, { ...options, signal }));
    } finally {
      if (isForFolder) this.#intoFolder--;
    }
  }

  /** A peer sent SDFX, KEEP or DROP. */
  receive(connection: TransferConnection, message: Exclude<OpeningMessage, SmfxMessage>): void {
    const { peer } = connection;
    const { transfer, record } = message;
    if (message.type === 'SDFX' && this.#lines.take(connection, message)) return;
    const { replicas } = this.#options;
    const code = message.type === 'KEEP' ? this.#refusalToKeep(record) : undefined;
    const isKept = message.type === 'KEEP' && replicas?.store.holds(record.name, record.checksum) === true;
    if (connection.has(transfer)) {
      connection.fail(new KernelError('ERR_MESSAGE', `${peer} offered twice with one transfer number`));
    } else if (message.type === 'DROP') {
      // Settles by itself: it never rejects.
      void this.#drop(connection, message);
    } else if (isKept || this.#options.files.holds(record.name, record.checksum)) {
      connection.answer({ type: 'DONE', transfer });
      connection.retire(transfer);
    } else if (code !== undefined) {
      refuse(connection, transfer, code);
    } else if (message.type === 'SDFX' && this.#options.wants?.(record) === false) {
      refuse(connection, transfer, 'ERR_TRANSFER_REFUSED');
    } else if (this.#offersTaken >= this.#options.settings.uploads) {
      refuse(connection, transfer, 'ERR_LIMIT');
    } else {
      // Settles by itself; its failures are answers to the peer, and logged by the fetch.
      void this.#takeOffer(connection, message, message.type === 'KEEP' ? replicas?.store : undefined);
    }
  }

  /** Ends every fetch with the reason; resolves when nothing partial is left. Never rejects. */
  close(reason: Error): Promise<void> {
    return this.#jobs.close(reason);
  }

  async #fetch(
    record: FileRecord,
    sources: readonly Source[],
    { signal, onProgress, into }: FetchOptions & { readonly signal: AbortSignal },
  ): Promise<FetchOutcome> {
    const { folder, replicas } = this.#running;
    const running = into === undefined ? folder : replicas;
    const key = `${record.checksum}/${record.name}`;
    let kept: FetchOutcome | undefined;
    for (;;) {
      const same = running.get(key) ?? folder.get(key);
      const other = same ?? replicas.get(key);
      if (other === undefined) break;
      const outcome = await join(other, signal, onProgress);
      // What came to be kept for others is on this disk, or a part of it: our own fetch takes it from there.
      if (outcome !== undefined && same !== undefined) return outcome;
      kept = outcome ?? kept;
    }
    // What comes in for others is told of when it is kept.
    const node =
      into === undefined ? this.#options : { ...this.#options, files: into, small: undefined, tellPart: undefined };
    const fetch = new Fetch(node, this.#lines, record, sources);
    if (onProgress !== undefined) fetch.listen(onProgress);
    const outcome = fetch.run(signal).finally(() => running.delete(key));
    running.set(key, { fetch, outcome });
    return kept === undefined ? outcome : together(kept, await outcome);
  }

  #refusalToKeep(record: FileRecord): ErrorCode | undefined {
    const { replicas } = this.#options;
    return replicas === undefined ? 'ERR_TRANSFER_REFUSED' : replicas.refusal(record);
  }

  async #drop(connection: TransferConnection, { transfer, record }: DropMessage): Promise<void> {
    const isDropped = await this.#options.replicas?.drop(record, connection.peer);
    if (isDropped !== true) {
      refuse(connection, transfer, 'ERR_TRANSFER_REFUSED');
      return;
    }
    connection.answer({ type: 'DONE', transfer });
    connection.retire(transfer);
  }

  async #takeOffer(
    connection: TransferConnection,
    { transfer, record }: SdfxMessage | KeepMessage,
    into: FileStore | undefined,
  ): Promise<void> {
    const { peer } = connection;
    const withdrawn = new AbortController();
    connection.register(transfer, {
      receive: (message) => {
        if (message.type !== 'REFUSE') throw unexpected(peer, message);
        connection.retire(transfer);
        withdrawn.abort(refusal(peer, message));
      },
      end: (error) => withdrawn.abort(error),
    });
    this.#offersTaken++;
    try {
      await this.fetch(record, [{ holder: peer, offer: { connection, transfer } }], {
        signal: withdrawn.signal,
        into,
      });
      // Somebody else brought it meanwhile: the peer was not asked, and hears that it is here.
      if (connection.has(transfer)) connection.answer({ type: 'DONE', transfer });
    } catch (error) {
      if (connection.has(transfer)) refuse(connection, transfer, errorCode(error) ?? 'ERR_DISK');
    } finally {
      connection.retire(transfer);
      this.#offersTaken--;
    }
  }
}

/** The outcome of a fetch that somebody else began; `undefined` where it failed, which ours, with other sources, may not. */
async function join(
  { fetch, outcome }: Running,
  signal: AbortSignal,
  onProgress: FetchOptions['onProgress'],
): Promise<FetchOutcome | undefined> {
  const unlisten = onProgress === undefined ? undefined : fetch.listen(onProgress);
  try {
    return await abortable(outcome, signal);
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    unlisten?.();
  }
}

/** What was brought to be kept, and then taken from there. */
function together(kept: FetchOutcome, own: FetchOutcome): FetchOutcome {
  return { seconds: kept.seconds + own.seconds, sources: { ...kept.sources, ...own.sources } };
}

function refuse(connection: TransferConnection, transfer: string, code: ErrorCode): void {
  connection.answer({ type: 'REFUSE', transfer, code });
  connection.retire(transfer);
}
