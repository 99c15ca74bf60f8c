import {
  KernelError,
  errorCode,
  toError,
  type Clock,
  type Logger,
  type NodeId,
  type Session,
  type Settings,
  type Timer,
} from '../../kernel/index.ts';
import { deferred } from '../../kit/deferred.ts';
import { RttEstimator } from '../../kit/rtt-estimator.ts';
import { decodeFrame, encodeMessage } from '../messages/codec.ts';
import type { HbMessage, TextMessage } from '../messages/message.ts';
import type { NodeRecord } from '../records.ts';
import { Tunnel } from './tunnel.ts';

/** Messages that may wait for a peer that takes none; beyond, it is as good as dead. */
const MAX_WAITING = 10_000;

/** How a direct connection ended. 'bye' and 'closed' are the peer's wish, 'silent' is its death, 'lost' may be either. */
export type DirectEnd = 'bye' | 'closed' | 'lost' | 'silent';

/** The messages a direct connection hands on: all but heartbeats, which it keeps, and transfers, which the tunnel takes. */
export type GossipMessage = Extract<TextMessage, { type: 'TIMN' | 'JOIN' | 'FILE' | 'LEFT' | 'BYEF' }>;

export interface DirectConnectionOptions {
  readonly session: Session;
  /** Whether we dialled. */
  readonly dialled: boolean;
  /** The peer's record as its CONN said, its address filled in. */
  readonly record: NodeRecord;
  readonly user: string;
  readonly clock: Clock;
  readonly settings: Pick<Settings, 'deadMs'>;
  readonly logger: Logger;
  /** Called with each message, in order. A code it throws ends the connection. */
  readonly onMessage: (message: GossipMessage, from: DirectConnection) => void;
  /** Called once, when the connection has ended by anything but our own `close`, `retire` or `fail`. */
  readonly onEnd: (how: DirectEnd, from: DirectConnection) => void;
}

/** One direct connection: gossip and heartbeats with one neighbour, and a tunnel behind them. */
export class DirectConnection {
  readonly peer: NodeId;
  readonly dialled: boolean;
  readonly user: string;
  readonly tunnel: Tunnel;
  readonly rtt = new RttEstimator();
  /** The peer as it last described itself on this connection. */
  record: NodeRecord;
  /** The direct connections of the peer, as its last heartbeat named them; undefined before the first. */
  lastHeartbeat: readonly NodeRecord[] | undefined;

  /** Resolves when the peer has told its network (TIMN); rejects where the connection ends before. */
  readonly introduced: Promise<undefined>;

  readonly #options: DirectConnectionOptions;
  readonly #introduced = deferred<undefined>();
  readonly #session: Session;
  readonly #queue: Iterator<TextMessage>[] = [];
  #heartbeat: readonly NodeRecord[] | undefined;
  #lastStamp: { readonly stamp: number; readonly at: number } | undefined;
  #lastHeard: number;
  #deadline: Timer | undefined;
  #wake: (() => void) | undefined;
  #state: 'open' | 'closing' | 'ended' = 'open';
  #finished: Promise<void> = Promise.resolve();

  constructor(options: DirectConnectionOptions) {
    this.#options = options;
    this.#session = options.session;
    this.peer = options.session.peer;
    this.dialled = options.dialled;
    this.record = options.record;
    this.user = options.user;
    this.#lastHeard = options.clock.now();
    this.introduced = this.#introduced.promise;
    // Nobody has to wait for it.
    this.introduced.catch(() => undefined);
    this.tunnel = new Tunnel({ session: options.session, wake: () => this.#wakeWriter() });
  }

  get remote() {
    return this.#session.remote;
  }

  /** When the peer was last heard, in the clock's ms. */
  get lastHeard(): number {
    return this.#lastHeard;
  }

  /** Starts to send and to receive. */
  start(): void {
    this.#armDeadline();
    this.#finished = Promise.all([this.#read(), this.#write()]).then(() => undefined);
  }

  /** Sends messages, in order, after those before. An iterable is drawn from as the connection takes more, so a long one costs no memory. */
  send(messages: Iterable<TextMessage>): void {
    if (this.#state !== 'open') return;
    if (this.#queue.length >= MAX_WAITING) {
      this.#end('lost', new KernelError('ERR_LIMIT', `${MAX_WAITING} messages wait for a peer that takes none`));
      return;
    }
    this.#queue.push(messages[Symbol.iterator]());
    this.#wakeWriter();
  }

  /** Sends a heartbeat before everything that waits. Of two that wait only the last is sent. */
  heartbeat(connections: readonly NodeRecord[]): void {
    this.#heartbeat = connections;
    this.#wakeWriter();
  }

  /** Sends what waits and closes; never rejects: a peer that does not take it is cut off by the transport's own limit. */
  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closing';
    this.#wakeWriter();
    await this.#finished;
  }

  /** Ends the connection at once, without `onEnd`: another one replaces it, or the node stops. */
  retire(reason: Error): void {
    if (this.#state === 'ended') return;
    this.#settle(reason);
    this.#session.abort(reason);
  }

  async #read(): Promise<void> {
    try {
      for await (const frame of this.#session) {
        this.#lastHeard = this.#options.clock.now();
        this.#receive(frame);
      }
      this.#end('closed', new KernelError('ERR_CLOSED', 'the peer closed the connection'));
    } catch (error) {
      this.#end(errorCode(error) === 'ERR_PEER_LEFT' ? 'bye' : 'lost', toError(error));
    }
  }

  #receive(frame: Uint8Array): void {
    const message = decodeFrame(frame);
    switch (message.type) {
      case 'UNKNOWN':
        this.#options.logger.debug('message.unknown', { peer: this.peer, type: message.name });
        return;
      case 'HB':
        this.#receiveHeartbeat(message);
        return;
      case 'TIMN':
        this.#options.onMessage(message, this);
        this.#introduced.resolve(undefined);
        return;
      case 'JOIN':
      case 'FILE':
      case 'LEFT':
        this.#options.onMessage(message, this);
        return;
      case 'BYEF':
        this.#options.onMessage(message, this);
        throw new KernelError('ERR_PEER_LEFT', 'the peer said goodbye');
      case 'CONN':
      case 'FULL':
        throw new KernelError('ERR_MESSAGE', `${message.type} on a connection that is established`);
      default:
        this.tunnel.deliver(frame);
    }
  }

  #receiveHeartbeat(message: HbMessage): void {
    const now = this.#options.clock.now();
    this.lastHeartbeat = message.connections;
    this.#lastStamp = { stamp: message.stamp, at: now };
    if (message.echo < 0) return;
    const sampleMs = now - message.echo - message.heldMs;
    // A peer can lie about both numbers; a sample outside what a live connection allows says nothing.
    if (sampleMs >= 0 && sampleMs <= this.#options.settings.deadMs) this.rtt.update(sampleMs);
  }

  async #write(): Promise<void> {
    try {
      for (;;) {
        const next = this.#next();
        if (next === undefined) {
          if (this.#state !== 'open') break;
          await new Promise<void>((resolve) => (this.#wake = resolve));
          continue;
        }
        await this.#session.send(next.frame);
        next.sent?.();
      }
      if (this.#state === 'closing') await this.#finish();
    } catch (error) {
      this.#end('lost', toError(error));
    }
  }

  async #finish(): Promise<void> {
    this.#settle(new KernelError('ERR_CLOSED', 'the connection was closed'));
    await this.#session.close().catch((error: unknown) => {
      this.#options.logger.debug('direct.close_failed', { peer: this.peer, code: errorCode(error) });
    });
    // Our reader would wait for the peer's own close; what it still has to say is of no use any more.
    this.#session.abort(new KernelError('ERR_CLOSED', 'the connection was closed'));
  }

  #next(): { readonly frame: Uint8Array; readonly sent?: () => void } | undefined {
    if (this.#state === 'ended') return undefined;
    const beat = this.#heartbeat;
    if (beat !== undefined) {
      this.#heartbeat = undefined;
      return { frame: encodeMessage(this.#heartbeatMessage(beat)) };
    }
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const result: IteratorResult<TextMessage, unknown> = first.next();
      if (result.done !== true) return { frame: encodeMessage(result.value) };
      this.#queue.shift();
    }
    return this.tunnel.takeOutgoing();
  }

  #heartbeatMessage(connections: readonly NodeRecord[]): HbMessage {
    const now = this.#options.clock.now();
    const last = this.#lastStamp;
    return {
      type: 'HB',
      stamp: Math.floor(now),
      echo: last?.stamp ?? -1,
      heldMs: last === undefined ? 0 : Math.floor(now - last.at),
      connections,
    };
  }

  #wakeWriter(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** One timer for a connection, set anew when it fires and the peer was heard meanwhile: nothing is done for each frame. */
  #armDeadline(): void {
    const { clock, settings } = this.#options;
    const remaining = this.#lastHeard + settings.deadMs - clock.now();
    this.#deadline = clock.setTimer(Math.max(0, remaining), () => {
      if (this.#lastHeard + settings.deadMs > clock.now()) this.#armDeadline();
      else
        this.#end(
          'silent',
          new KernelError('ERR_PEER_DEAD', `nothing was heard of the peer for ${settings.deadMs} ms`),
        );
    });
  }

  #end(how: DirectEnd, reason: Error): void {
    if (this.#state === 'ended') return;
    const wasClosing = this.#state === 'closing';
    this.#settle(reason);
    this.#session.abort(reason);
    this.#options.logger.info('direct.ended', {
      peer: this.peer,
      how,
      code: errorCode(reason),
      reason: reason.message,
    });
    if (!wasClosing) this.#options.onEnd(how, this);
  }

  #settle(reason: Error): void {
    this.#state = 'ended';
    this.#deadline?.cancel();
    this.#queue.length = 0;
    this.tunnel.abort(reason);
    this.#introduced.reject(reason);
    this.#wakeWriter();
  }
}
