import {
  KernelError,
  type AbortOptions,
  type Address,
  type Clock,
  type NodeId,
  type Session,
} from '../../kernel/index.ts';
import { withDeadline } from '../../kit/deadline.ts';
import { decodeFrame } from '../messages/codec.ts';
import type { DecodedFrame } from '../messages/message.ts';

/** A session of which one message was read, to be read on by whoever it concerns. */
export interface OpenedSession {
  readonly message: DecodedFrame;
  readonly session: Session;
}

/**
 * Reads the first message of a session.
 *
 * @throws ERR_HANDSHAKE_TIMEOUT where the peer says nothing in time, ERR_CONNECTION_LOST where it ends, ERR_MESSAGE; the session is aborted then.
 */
export async function readFirstMessage(
  session: Session,
  options: AbortOptions & { readonly clock: Clock; readonly timeoutMs: number },
): Promise<OpenedSession> {
  const frames = session[Symbol.asyncIterator]();
  const silent = () =>
    new KernelError('ERR_HANDSHAKE_TIMEOUT', `the peer said nothing for ${options.timeoutMs} ms after the handshake`);
  try {
    const first = await withDeadline(options.clock, options.timeoutMs, silent, options.signal, () => frames.next());
    if (first.done === true)
      throw new KernelError('ERR_CONNECTION_LOST', 'the peer closed the connection before it said anything');
    return { message: decodeFrame(first.value), session: new ResumedSession(session, frames) };
  } catch (error) {
    session.abort(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** The session, its iteration going on where the first message ended. */
class ResumedSession implements Session {
  readonly #session: Session;
  readonly #frames: AsyncIterator<Uint8Array>;

  constructor(session: Session, frames: AsyncIterator<Uint8Array>) {
    this.#session = session;
    this.#frames = frames;
  }

  get peer(): NodeId {
    return this.#session.peer;
  }
  get authenticated(): boolean {
    return this.#session.authenticated;
  }
  get local(): Address {
    return this.#session.local;
  }
  get remote(): Address {
    return this.#session.remote;
  }
  send(frame: Uint8Array, options?: AbortOptions): Promise<void> {
    return this.#session.send(frame, options);
  }
  close(options?: AbortOptions): Promise<void> {
    return this.#session.close(options);
  }
  abort(reason: Error): void {
    this.#session.abort(reason);
  }
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#frames.next() };
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
