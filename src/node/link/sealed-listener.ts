import {
  KernelError,
  toError,
  type Address,
  type Clock,
  type Connection,
  type Listener,
  type Logger,
  type Session,
  type SessionListener,
  type Settings,
} from '../../kernel/index.ts';
import { AsyncQueue, withDeadline } from '../../kit/index.ts';
import { sourceOf } from './address-host.ts';
import type { FailureLog } from './failure-log.ts';
import { handshakeAsListener, type Handshaken } from './handshake-driver.ts';
import { HandshakeSlots, type HandshakeSlot } from './handshake-slots.ts';
import type { HandshakeParty } from './handshake.ts';

export type HandshakeLimits = Pick<Settings, 'handshakes' | 'handshakesPerSource' | 'handshakeMs'>;

export interface SealedListenerOptions {
  readonly listener: Listener;
  readonly party: HandshakeParty;
  readonly limits: HandshakeLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failures: FailureLog;
  readonly toSession: (connection: Connection, handshaken: Handshaken) => Session;
}

/** A session that is there and was not taken yet; it holds its slot so long. */
interface Waiting {
  readonly session: Session;
  readonly slot: HandshakeSlot;
}

/** Takes every connection at once, hands out those whose handshake succeeds, and tells the failure log of the others. */
export class SealedListener implements SessionListener {
  readonly address: Address;
  readonly #options: SealedListenerOptions;
  readonly #slots: HandshakeSlots;
  readonly #queue = new AsyncQueue<Waiting>();
  readonly #waiting = new Set<Waiting>();
  #closing: Promise<void> | undefined;

  constructor(options: SealedListenerOptions) {
    this.address = options.listener.address;
    this.#options = options;
    const { handshakes, handshakesPerSource } = options.limits;
    this.#slots = new HandshakeSlots({ total: handshakes, perSource: handshakesPerSource, taken: tooMany });
    // Ends with the listener; a failure reaches whoever iterates.
    void this.#acceptAll();
  }

  [Symbol.asyncIterator](): AsyncIterator<Session> {
    return { next: () => this.#take() };
  }

  close(): Promise<void> {
    this.#closing ??= this.#startClosing();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #startClosing(): Promise<void> {
    const reason = new KernelError('ERR_CLOSED', `the listener at ${this.address} was closed`);
    this.#slots.takeAll(reason);
    for (const { session } of this.#waiting) session.abort(reason);
    this.#waiting.clear();
    this.#queue.end();
    await this.#options.listener.close();
    this.#options.failures.close();
  }

  async #take(): Promise<IteratorResult<Session>> {
    for (;;) {
      const result = await this.#queue.next();
      if (result.done === true) return result;
      // What is not waiting any more was refused when the listener was closed.
      if (!this.#waiting.delete(result.value)) continue;
      result.value.slot.release();
      return { done: false, value: result.value.session };
    }
  }

  async #acceptAll(): Promise<void> {
    try {
      for await (const connection of this.#options.listener) this.#admit(connection);
      this.#queue.end();
    } catch (error) {
      this.#queue.end(toError(error));
    }
  }

  #admit(connection: Connection): void {
    const source = sourceOf(connection.remote);
    // None for what arrives while the listener closes.
    const slot = this.#closing === undefined ? this.#slots.take(source) : undefined;
    if (slot === undefined) {
      this.#fail(connection, source, tooMany(source));
      return;
    }
    // The next connection does not wait for this one; every outcome is handled within.
    void this.#handshake(connection, slot);
  }

  async #handshake(connection: Connection, slot: HandshakeSlot): Promise<void> {
    const { party, clock, limits, logger, toSession } = this.#options;
    const { remote } = connection;
    const started = clock.now();
    const timedOut = () =>
      new KernelError(
        'ERR_HANDSHAKE_TIMEOUT',
        `${remote} did not finish the handshake within ${limits.handshakeMs} ms`,
      );
    try {
      const result = await withDeadline(clock, limits.handshakeMs, timedOut, slot.signal, () =>
        handshakeAsListener(connection, party, () => slot.keep()),
      );
      // It may have come through in the very turn in which the listener was closed.
      slot.signal.throwIfAborted();
      if ('refusal' in result) {
        slot.release();
        this.#options.failures.record({ source: slot.source, remote, error: result.refusal });
        return;
      }
      logger.debug('handshake.done', { peer: result.peer, remote, side: 'listener', ms: clock.now() - started });
      const waiting = { session: toSession(connection, result), slot };
      this.#waiting.add(waiting);
      this.#queue.push(waiting);
    } catch (error) {
      slot.release();
      this.#fail(connection, slot.source, toError(error));
    }
  }

  #fail(connection: Connection, source: string, error: Error): void {
    connection.abort(error);
    if (this.#closing === undefined) this.#options.failures.record({ source, remote: connection.remote, error });
  }
}

function tooMany(source: string): KernelError {
  return new KernelError('ERR_LIMIT', `too many handshakes at once, with ${source} or in all`);
}
