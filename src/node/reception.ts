import { setMaxListeners } from 'node:events';
import {
  KernelError,
  errorCode,
  toError,
  type Clock,
  type Logger,
  type NodeId,
  type Session,
  type SessionListener,
  type Settings,
} from '../kernel/index.ts';
import { BackgroundTasks } from './background.ts';
import { readFirstMessage, type OpenedSession } from './overlay/first-message.ts';

/** Sessions that may be open and have said nothing yet, in all and of one peer: each costs memory until its time is over. */
const MAX_SILENT = 256;
const MAX_SILENT_PER_PEER = 16;

export interface ReceptionOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'handshakeMs'>;
  /** Takes a session by its first message; a code it throws ends the session. */
  readonly onSession: (opened: OpenedSession) => Promise<void>;
}

/** Accepts sessions, waits for each one's first message, and hands it on. */
export class Reception {
  readonly #options: ReceptionOptions;
  readonly #tasks: BackgroundTasks;
  readonly #closing = new AbortController();
  readonly #silent = new Map<NodeId, number>();
  #silentCount = 0;
  #warned = false;

  constructor(options: ReceptionOptions) {
    this.#options = options;
    this.#tasks = new BackgroundTasks(options.logger);
    // As many as there are silent sessions: no leak.
    setMaxListeners(0, this.#closing.signal);
  }

  /** Accepts until the listener is closed. Rejects where the listener fails. */
  async run(listener: SessionListener): Promise<void> {
    for await (const session of listener) {
      const { peer, remote } = session;
      if (this.#hasRoom(peer)) this.#tasks.run('session.refused', this.#welcome(session), { peer, remote });
      else this.#turnAway(session);
    }
  }

  /** Ends every session that has said nothing yet; resolves when all that were handed on are taken. The listener is closed before. */
  async close(reason: Error): Promise<void> {
    this.#closing.abort(reason);
    await this.#tasks.settled();
  }

  #hasRoom(peer: NodeId): boolean {
    return this.#silentCount < MAX_SILENT && (this.#silent.get(peer) ?? 0) < MAX_SILENT_PER_PEER;
  }

  /** Whoever opens so many sessions can open more: the log is told once, until all of them are over. */
  #turnAway(session: Session): void {
    const { peer, remote } = session;
    const refused = new KernelError('ERR_LIMIT', `${this.#silentCount} sessions are open that have said nothing yet`);
    session.abort(refused);
    const level = this.#warned ? 'debug' : 'warn';
    this.#warned = true;
    this.#options.logger[level]('session.refused', { peer, remote, code: refused.code, reason: refused.message });
  }

  async #welcome(accepted: Session): Promise<void> {
    const opened = await this.#firstMessage(accepted).catch((error: unknown) => this.#unused(accepted, error));
    if (opened === undefined) return;
    const { session } = opened;
    try {
      await this.#options.onSession(opened);
    } catch (error) {
      session.abort(toError(error));
      throw error;
    }
  }

  /** Who opens a session and ends it without a word wanted to know no more than that this node is there. */
  #unused({ peer, remote }: Session, error: unknown): undefined {
    if (errorCode(error) !== 'ERR_CONNECTION_LOST') throw error;
    this.#options.logger.debug('session.unused', { peer, remote });
  }

  async #firstMessage(session: Session): Promise<OpenedSession> {
    const { clock, settings } = this.#options;
    this.#count(session.peer, 1);
    try {
      return await readFirstMessage(session, {
        clock,
        timeoutMs: settings.handshakeMs,
        signal: this.#closing.signal,
      });
    } finally {
      this.#count(session.peer, -1);
    }
  }

  #count(peer: NodeId, change: 1 | -1): void {
    const count = (this.#silent.get(peer) ?? 0) + change;
    if (count === 0) this.#silent.delete(peer);
    else this.#silent.set(peer, count);
    this.#silentCount += change;
    if (this.#silentCount === 0) this.#warned = false;
  }
}
