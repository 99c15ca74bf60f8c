import { setMaxListeners } from 'node:events';
import { KernelError, errorCode, type ErrorCode, type NodeId } from '../../kernel/index.ts';
import type { SendResult } from '../api.ts';
import { escapeForDisplay } from '../messages/display.ts';
import type { SmfxMessage } from '../messages/message.ts';
import type { FileRecord } from '../records.ts';
import type { ConnectionPool, ReachOptions } from './connection-pool.ts';
import { failureFields } from './failure-fields.ts';
import { Jobs } from './jobs.ts';
import { OFFERS_AT_ONCE } from './limits.ts';
import type { FetchOptions } from './downloads.ts';
import { Offer } from './offer.ts';
import { OfferProgress } from './offer-progress.ts';
import type { TransferConnection } from './transfer-connection.ts';
import { newTransferNumber, type SharedTransferOptions } from './transfer-options.ts';
import { Turns } from './turns.ts';
import { Upload, requireWhole } from './upload.ts';
import { askWhenThereIsRoom } from './want-of-room.ts';

/** One target of an offer. */
interface OfferingOptions extends ReachOptions {
  readonly signal: AbortSignal;
  /** Hears how many bytes of the file have gone out so far. */
  readonly onSent?: ((bytes: number) => void) | undefined;
  readonly as?: OfferType | undefined;
}

/** What an offer says: have it, keep it for the network, or give it up. */
export type OfferType = 'SDFX' | 'KEEP' | 'DROP';

/** Without a request or a sent byte for so long, an upload takes nothing, and gives way where places are short. */
const IDLE_MS = 250;

/** The serving side: answers SMFX, offers files with SDFX, and dials back whoever cannot dial us. */
export class Uploads {
  readonly #options: SharedTransferOptions;
  readonly #pool: ConnectionPool;
  readonly #uploads = new Set<Upload>();
  /** To those who keep copies at our wish: few, as we do not ask more at once, so they take no place of who asks us. */
  readonly #copies = new Set<Upload>();
  /** Offers that wait for an answer, by peer and transfer number. */
  readonly #offers = new Map<string, Offer>();
  readonly #jobs = new Jobs();
  #dialBacks = 0;

  constructor(options: SharedTransferOptions, pool: ConnectionPool) {
    this.#options = options;
    this.#pool = pool;
  }

  /** Files served, and offers that wait. */
  get active(): number {
    return this.#uploads.size + this.#copies.size + this.#offers.size;
  }

  /** Files served to who asked for them, or was offered them by SEND. */
  get served(): number {
    return this.#uploads.size;
  }

  /** A peer sent SMFX. */
  receive(connection: TransferConnection, message: SmfxMessage): void {
    const { transfer } = message;
    const offer = this.#offers.get(keyOf(connection.peer, transfer));
    if (offer !== undefined) {
      this.#offers.delete(keyOf(connection.peer, transfer));
      offer.accept(connection, message);
    } else if (connection.has(transfer)) {
      connection.fail(new KernelError('ERR_MESSAGE', `${connection.peer} asked twice with one transfer number`));
    } else if (this.#isFull() && !this.#makeRoom(connection.peer)) {
      this.#refuse(connection, message, 'ERR_LIMIT');
    } else if (connection.isTunnel) {
      // Settles by itself; its failures are answers to the peer.
      void this.#dialBack(connection, message);
    } else {
      this.#serve(connection, message, { places: this.#uploads });
    }
  }

  #isFull(): boolean {
    return this.#uploads.size + this.#dialBacks >= this.#options.settings.uploads;
  }

  /** Where all places are taken, a peer with fewer gets one of those that take nothing of what they asked for: the longest idle. */
  #makeRoom(peer: NodeId): boolean {
    const places = new Map<NodeId, number>();
    for (const upload of this.#uploads) places.set(upload.peer, (places.get(upload.peer) ?? 0) + 1);
    const own = places.get(peer) ?? 0;
    const now = this.#options.clock.now();
    const idle = [...this.#uploads]
      .filter((upload) => (places.get(upload.peer) ?? 0) > own + 1 && now - upload.lastActive >= IDLE_MS)
      .sort((a, b) => a.lastActive - b.lastActive)[0];
    if (idle === undefined) return false;
    idle.stop('ERR_LIMIT');
    return this.#uploads.delete(idle);
  }

  /** SEND, KEEP and DROP: offers a file to each target, some at once. One result for each, in their order; rejects only where the signal aborts. */
  async offer(
    record: FileRecord,
    targets: readonly NodeId[],
    { signal, onProgress, as }: FetchOptions & { readonly as?: OfferType } = {},
  ): Promise<SendResult[]> {
    return this.#jobs.run(signal, async (aborting) => {
      // Each target that is waited for listens.
      setMaxListeners(0, aborting);
      const results = new Map<NodeId, SendResult['result']>();
      const asked = [...new Set(targets)];
      const progress = new OfferProgress({ size: record.size, targets: asked.length, onProgress });
      const turns = new Turns(OFFERS_AT_ONCE);
      const ask = async (id: NodeId) => {
        const onSent = (bytes: number) => progress.sent(id, bytes);
        results.set(id, await this.#resultOf(id, record, turns, { signal: aborting, onSent, as }));
        progress.ended(id);
        aborting.throwIfAborted();
      };
      await Promise.all(asked.map(ask));
      return targets.map((id) => ({ id, result: results.get(id) ?? 'ERR_ABORTED' }));
    });
  }

  /** Ends everything with ERR_CLOSED; resolves when every file is closed. Never rejects. */
  async close(reason: Error): Promise<void> {
    for (const offer of this.#offers.values()) offer.stop('ERR_CLOSED');
    const uploads = () => [...this.#uploads, ...this.#copies];
    for (const upload of uploads()) upload.stop('ERR_CLOSED');
    await this.#jobs.close(reason);
    await Promise.all(uploads().map((upload) => upload.ended));
  }

  /** What comes of one target. SEND waits where there is no room, and others have its turn meanwhile; whoever asks for a copy asks another node. */
  async #resultOf(
    peer: NodeId,
    record: FileRecord,
    turns: Turns,
    options: OfferingOptions,
  ): Promise<SendResult['result']> {
    const { logger, random } = this.#options;
    const { as, signal } = options;
    const about = { peer, name: escapeForDisplay(record.name) };
    const offer = () =>
      turns.run(async () => {
        signal.throwIfAborted();
        return this.#offerTo(peer, newTransferNumber(random), record, options);
      });
    try {
      const result = await (as === undefined ? askWhenThereIsRoom(this.#options, signal, offer) : offer());
      logger.info('transfer.offer_ended', { ...about, result });
      return result;
    } catch (error) {
      const result = errorCode(error) ?? 'ERR_DIAL_FAILED';
      logger.info('transfer.offer_ended', { ...about, result, ...failureFields(error) });
      return result;
    }
  }

  /**
   * Offers on a connection of its own, else through the tunnel; once more where the peer had left the connection that was kept. Rejects with ERR_LIMIT
   * where there is no room for the transfer, at the peer or here.
   */
  async #offerTo(
    peer: NodeId,
    transfer: string,
    record: FileRecord,
    options: OfferingOptions,
  ): Promise<SendResult['result']> {
    const { signal } = options;
    const { connection, reused } = await this.#pool.reach(peer, options);
    const result = await this.#offerOver(connection, transfer, record, options);
    if (!reused || !connection.ended || signal.aborted) return result;
    const again = await this.#pool.reach(peer, { ...options, fresh: true });
    return this.#offerOver(again.connection, transfer, record, options);
  }

  async #offerOver(
    connection: TransferConnection,
    transfer: string,
    record: FileRecord,
    { signal, onSent, as = 'SDFX' }: OfferingOptions,
  ): Promise<SendResult['result']> {
    const { clock, self, settings } = this.#options;
    const opening = { type: as, address: self.address(), transfer, record };
    const places = as === 'KEEP' ? this.#copies : this.#uploads;
    const serve = (chosen: TransferConnection, message: SmfxMessage) =>
      this.#serve(chosen, message, { places, onSent });
    const offer = new Offer({ connection, opening, clock, answerMs: settings.transferIdleMs, serve });
    const key = keyOf(connection.peer, transfer);
    const abort = () => offer.stop(errorCode(signal.reason) ?? 'ERR_ABORTED');
    this.#offers.set(key, offer);
    signal.addEventListener('abort', abort, { once: true });
    try {
      offer.begin();
      const result = await offer.result;
      // A connection that ended with this code is another matter: the peer broke a limit.
      if (result === 'ERR_LIMIT' && !connection.ended) throw new KernelError(result, `${connection.peer} has no room`);
      return result;
    } finally {
      this.#offers.delete(key);
      signal.removeEventListener('abort', abort);
    }
  }

  /**
   * A peer that could not dial us asks through the tunnel: we dial it and offer, with its number, what it asked for. Where we
   * cannot dial it either, the offer, and then the file, go through the tunnel.
   */
  async #dialBack(tunnel: TransferConnection, message: SmfxMessage): Promise<void> {
    this.#dialBacks++;
    try {
      const served = await this.#options.files.open(message.name, message.checksum);
      await served.file.close();
      if (!message.parts) requireWhole(served);
      const { record } = served;
      await this.#jobs.run(undefined, (signal) =>
        this.#offerTo(tunnel.peer, message.transfer, record, { signal, atPeersWish: true }),
      );
    } catch (error) {
      this.#refuse(tunnel, message, errorCode(error) ?? 'ERR_DISK');
    } finally {
      this.#dialBacks--;
    }
  }

  #serve(
    connection: TransferConnection,
    opening: SmfxMessage,
    { places, onSent }: Pick<OfferingOptions, 'onSent'> & { readonly places: Set<Upload> },
  ): Upload {
    const { files, clock, logger, rates, replicas, settings } = this.#options;
    const idleMs = settings.transferIdleMs;
    const upload = new Upload({ connection, opening, files, clock, logger, rate: rates.upload, idleMs, onSent });
    places.add(upload);
    // `ended` never rejects.
    void upload.ended.then((end) => {
      places.delete(upload);
      if (end === 'ERR_CHECKSUM') replicas?.doubted(opening.name, opening.checksum);
    });
    return upload;
  }

  #refuse(connection: TransferConnection, { transfer, name }: SmfxMessage, code: ErrorCode): void {
    const { logger } = this.#options;
    logger.info('transfer.refused', { transfer, peer: connection.peer, name: escapeForDisplay(name), code });
    connection.answer({ type: 'REFUSE', transfer, code });
    connection.retire(transfer);
  }
}

/** Transfers are told apart by the proved peer and the number together. */
function keyOf(peer: NodeId, transfer: string): string {
  return `${peer}/${transfer}`;
}
