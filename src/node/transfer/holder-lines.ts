import { KernelError, type Clock, type NodeId } from '../../kernel/index.ts';
import { withDeadline } from '../../kit/deadline.ts';
import type { BinaryMessage, SdfxMessage, SmfxMessage } from '../messages/message.ts';
import type { ConnectionPool, PooledConnection, ReachOptions } from './connection-pool.ts';
import { refusal } from './refusal.ts';
import { unexpected, type TransferConnection } from './transfer-connection.ts';

/** A file being waited for: our SMFX went through the tunnel, and the holder's SDFX with its number comes on some connection. */
interface Expected {
  readonly peer: NodeId;
  readonly opening: SmfxMessage;
  arrive(connection: TransferConnection): void;
}

/** Finds the connection on which a holder can be sent SMFX: dialled, dialled back, or the tunnel. */
export class HolderLines {
  readonly #pool: ConnectionPool;
  readonly #clock: Clock;
  readonly #dialBackMs: number;
  readonly #expected = new Map<string, Expected>();

  /** `dialBackMs`: time allowed for a holder to dial back. */
  constructor(pool: ConnectionPool, clock: Clock, dialBackMs: number) {
    this.#pool = pool;
    this.#clock = clock;
    this.#dialBackMs = dialBackMs;
  }

  /** The connection on which a holder can be sent SMFX at once; `undefined` where `open` has to see to it. */
  ready(peer: NodeId): TransferConnection | undefined {
    return this.#pool.ready(peer);
  }

  /** Rejects with what hindered the dial, the holder's refusal, or ERR_DIAL_FAILED where the holder does not dial back. */
  async open(peer: NodeId, opening: SmfxMessage, options: ReachOptions): Promise<PooledConnection> {
    const reached = await this.#pool.reach(peer, options);
    if (!reached.connection.isTunnel) return reached;
    return { connection: await this.#askToDialBack(reached.connection, opening, options.signal), reused: false };
  }

  /** The connection on which to answer an offer made through a tunnel: one of its own if there can be one, else the tunnel. */
  async reachOfferer(tunnel: TransferConnection, options: ReachOptions): Promise<PooledConnection> {
    const reached = await this.#pool.reach(tunnel.peer, { ...options, atPeersWish: true }).catch(() => undefined);
    options.signal?.throwIfAborted();
    return reached ?? { connection: tunnel, reused: false };
  }

  /**
   * Takes an SDFX that carries a number we wait for; false where it carries none. Somebody else's with our number, or one that offers
   * something else, is refused.
   */
  take(connection: TransferConnection, { transfer, record }: SdfxMessage): boolean {
    const expected = this.#expected.get(transfer);
    if (expected === undefined) return false;
    const { opening } = expected;
    if (expected.peer === connection.peer && record.name === opening.name && record.checksum === opening.checksum) {
      this.#expected.delete(transfer);
      expected.arrive(connection);
    } else {
      connection.answer({ type: 'REFUSE', transfer, code: 'ERR_TRANSFER_REFUSED' });
      if (!connection.has(transfer)) connection.retire(transfer);
    }
    return true;
  }

  async #askToDialBack(
    tunnel: TransferConnection,
    opening: SmfxMessage,
    signal: AbortSignal | undefined,
  ): Promise<TransferConnection> {
    const { peer } = tunnel;
    const { transfer } = opening;
    const tooLate = () =>
      new KernelError(
        'ERR_DIAL_FAILED',
        `${peer} cannot be dialled and did not dial back within ${this.#dialBackMs} ms`,
      );
    try {
      // One promise for all that may come, so that no rejection is left without somebody who waits for it.
      const arrived = new Promise<TransferConnection>((arrive, fail) => {
        this.#expected.set(transfer, { peer, opening, arrive });
        tunnel.register(transfer, { receive: (message) => fail(answerOf(peer, message)), end: fail });
        tunnel.send(opening).catch(fail);
      });
      return await withDeadline(this.#clock, this.#dialBackMs, tooLate, signal, () => arrived);
    } catch (error) {
      tunnel.retire(transfer);
      throw error;
    } finally {
      this.#expected.delete(transfer);
    }
  }
}

/** What it means that the holder answers our SMFX with something else than SDFX. */
function answerOf(peer: NodeId, message: BinaryMessage): Error {
  if (message.type === 'REFUSE') return refusal(peer, message);
  throw unexpected(peer, message);
}
