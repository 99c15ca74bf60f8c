import {
  errorCode,
  toError,
  type AbortOptions,
  type Address,
  type AddressForm,
  type LogFields,
  type Logger,
  type NodeId,
  type Session,
  type SessionListener,
  type SessionTransport,
} from '../../kernel/index.ts';

export interface LoggedOptions {
  readonly logger: Logger;
  /** What a frame is, for the log: its type and what else tells it from others, never its content. May throw where it is malformed. */
  readonly describe: (frame: Uint8Array) => LogFields & { readonly type: string };
}

/**
 * A session transport that tells the log what happens on it, and changes nothing: at `debug` each session opened, closed and ended by the
 * peer, at `info` each that was aborted or lost, at `trace` each frame in and out in the order of the calls. `connection` in every event is a
 * number of this transport. Where the level is off, an event costs the question whether it is.
 */
export function logged(transport: SessionTransport, options: LoggedOptions): SessionTransport {
  return new LoggedTransport(transport, options);
}

type Direction = 'in' | 'out';

class LoggedTransport implements SessionTransport {
  readonly maxFrameLength: number;
  readonly #transport: SessionTransport;
  readonly #options: LoggedOptions;
  #connections = 0;

  constructor(transport: SessionTransport, options: LoggedOptions) {
    this.maxFrameLength = transport.maxFrameLength;
    this.#transport = transport;
    this.#options = options;
  }

  get addressForm(): AddressForm | undefined {
    return this.#transport.addressForm;
  }

  parse(text: string): Address {
    return this.#transport.parse(text);
  }

  async listen(address: Address, options?: AbortOptions): Promise<SessionListener> {
    const listener = await this.#transport.listen(address, options);
    this.#options.logger.debug('listener.opened', { address: listener.address });
    return new LoggedListener(listener, this.#options.logger, (session) => this.#wrap(session, 'in'));
  }

  async dial(address: Address, options?: AbortOptions): Promise<Session> {
    try {
      return this.#wrap(await this.#transport.dial(address, options), 'out');
    } catch (thrown) {
      const { message } = toError(thrown);
      this.#options.logger.debug('dial.failed', { address, code: errorCode(thrown), message });
      throw thrown;
    }
  }

  #wrap(session: Session, direction: Direction): Session {
    const { logger, describe } = this.#options;
    const { peer, remote, local, authenticated } = session;
    const child = logger.child({ connection: ++this.#connections, peer, remote });
    child.debug('connection.opened', { direction, local, authenticated });
    return new LoggedSession(session, { logger: child, describe });
  }
}

class LoggedListener implements SessionListener {
  readonly address: Address;
  readonly #listener: SessionListener;
  readonly #logger: Logger;
  readonly #wrap: (session: Session) => Session;
  #closing: Promise<void> | undefined;

  constructor(listener: SessionListener, logger: Logger, wrap: (session: Session) => Session) {
    this.address = listener.address;
    this.#listener = listener;
    this.#logger = logger;
    this.#wrap = wrap;
  }

  [Symbol.asyncIterator](): AsyncIterator<Session> {
    const sessions = this.#listener[Symbol.asyncIterator]();
    return {
      next: async () => {
        const result = await sessions.next();
        return result.done === true ? result : { done: false, value: this.#wrap(result.value) };
      },
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#listener.close();
    this.#logger.debug('listener.closed', { address: this.address });
  }
}

/** Each of these is told once a session. */
type Milestone = 'connection.closed' | 'connection.ended' | 'connection.failed';

class LoggedSession implements Session {
  readonly local: Address;
  readonly remote: Address;
  readonly peer: NodeId;
  readonly authenticated: boolean;
  readonly #session: Session;
  readonly #options: LoggedOptions;
  readonly #told = new Set<Milestone>();

  constructor(session: Session, options: LoggedOptions) {
    this.local = session.local;
    this.remote = session.remote;
    this.peer = session.peer;
    this.authenticated = session.authenticated;
    this.#session = session;
    this.#options = options;
  }

  async send(frame: Uint8Array, options?: AbortOptions): Promise<void> {
    // Told before it goes, so that an answer never stands before what it answers.
    this.#frame('frame.out', frame);
    try {
      await this.#session.send(frame, options);
    } catch (thrown) {
      this.#options.logger.trace('frame.unsent', { size: frame.length, code: errorCode(thrown) });
      throw thrown;
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const frames = this.#session[Symbol.asyncIterator]();
    return { next: () => this.#next(frames) };
  }

  async close(options?: AbortOptions): Promise<void> {
    try {
      await this.#session.close(options);
      this.#tell('connection.closed');
    } catch (thrown) {
      // A caller who gives up waiting says nothing about the connection.
      if (options?.signal?.aborted !== true) this.#failed(thrown);
      throw thrown;
    }
  }

  abort(reason: Error): void {
    this.#failed(reason);
    this.#session.abort(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #next(frames: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    try {
      const result = await frames.next();
      if (result.done === true) this.#tell('connection.ended');
      else this.#frame('frame.in', result.value);
      return result;
    } catch (thrown) {
      this.#failed(thrown);
      throw thrown;
    }
  }

  #frame(event: 'frame.in' | 'frame.out', frame: Uint8Array): void {
    const { logger } = this.#options;
    if (!logger.isEnabled('trace')) return;
    logger.trace(event, { ...this.#describe(frame), size: frame.length });
  }

  #describe(frame: Uint8Array): LogFields {
    try {
      return this.#options.describe(frame);
    } catch {
      return { type: 'malformed' };
    }
  }

  #failed(thrown: unknown): void {
    this.#tell('connection.failed', { code: errorCode(thrown), message: toError(thrown).message });
  }

  #tell(milestone: Milestone, fields?: LogFields): void {
    if (this.#told.has(milestone) || this.#told.has('connection.failed')) return;
    this.#told.add(milestone);
    this.#options.logger[milestone === 'connection.failed' ? 'info' : 'debug'](milestone, fields);
  }
}
