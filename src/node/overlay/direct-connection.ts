import {
  KernelError,
  errorCode,
  toError,
  type Clock,
  type Logger,
  type NodeId,
  type Session,
  type Settings,
} from '../../kernel/index.ts';
import type { RttEstimator } from '../../kit/rtt-estimator.ts';
import { encodeMessage } from '../messages/codec.ts';
import { HeartbeatReader, type HeartbeatFrames } from '../messages/heartbeat-frames.ts';
import type { TextMessage } from '../messages/message.ts';
import type { NewsReader } from '../messages/news-reader.ts';
import type { NodeRecord } from '../records.ts';
import { AwaitedIntroduction } from './awaited-introduction.ts';
import { HeartbeatTiming } from './heartbeat-timing.ts';
import { Outbox } from './outbox.ts';
import type { OwnPace } from './own-pace.ts';
import { isPeerFault } from './peer-faults.ts';
import { SilenceDeadline } from './silence-deadline.ts';
import { Tunnel, type TunnelledFrame } from './tunnel.ts';

/** How long a connection that is closed waits for the peer to take the last word. */
const CLOSE_MS = 2_000;

/** How a direct connection ended. 'bye' and 'closed' are the peer's wish, 'silent' is its death, 'lost' may be either. */
export type DirectEnd = 'bye' | 'closed' | 'lost' | 'silent';

/** The messages a direct connection hands on: all but heartbeats, which it keeps, and transfers, which the tunnel takes. */
export type GossipMessage = Extract<
  TextMessage,
  { type: 'TIMN' | 'JOIN' | 'FILE' | 'SUSP' | 'SUMM' | 'LEFT' | 'BYEF' }
>;

export interface DirectConnectionOptions {
  readonly session: Session;
  /** Whether we dialled. */
  readonly dialled: boolean;
  /** The peer's record as its CONN said, its address filled in. */
  readonly record: NodeRecord;
  readonly user: string;
  /** What the peer can do beside what every node can, as its CONN said. */
  readonly features: readonly string[];
  /** Of all connections of the node: they bring the same news. */
  readonly news: NewsReader;
  readonly clock: Clock;
  readonly pace: Pick<OwnPace, 'runningSince'>;
  readonly settings: Pick<Settings, 'deadMs'>;
  readonly logger: Logger;
  /** Called with each message, in order. A code it throws ends the connection. */
  readonly onMessage: (message: GossipMessage, from: DirectConnection) => void;
  /** Called once, when the connection has ended by anything but our own `close`, `retire` or `fail`. */
  readonly onEnd: (how: DirectEnd, from: DirectConnection) => void;
}

/** A frame on its way, and where it came through the tunnel, who hears of its fate. */
type Outgoing = Pick<TunnelledFrame, 'frame'> & Partial<TunnelledFrame>;

/** One direct connection: gossip and heartbeats with one neighbour, and a tunnel behind them. */
export class DirectConnection {
  readonly peer: NodeId;
  readonly dialled: boolean;
  readonly user: string;
  readonly features: readonly string[];
  readonly tunnel: Tunnel;
  /** The peer as it last described itself on this connection. */
  record: NodeRecord;
  /** The direct connections of the peer, as its last heartbeat named them; undefined before the first. */
  lastHeartbeat: readonly NodeRecord[] | undefined;

  readonly #options: DirectConnectionOptions;
  readonly #introduction: AwaitedIntroduction;
  readonly #session: Session;
  readonly #outbox = new Outbox();
  readonly #timing: HeartbeatTiming;
  readonly #reader: HeartbeatReader;
  #heartbeat: HeartbeatFrames | undefined;
  #lastHeard: number;
  /** Since when the transport takes nothing more of us. */
  #sendingSince: number | undefined;
  readonly #deadline: SilenceDeadline;
  #wake: (() => void) | undefined;
  #state: 'open' | 'closing' | 'ended' = 'open';
  #finished: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(options: DirectConnectionOptions) {
    this.#options = options;
    this.#session = options.session;
    this.peer = options.session.peer;
    this.dialled = options.dialled;
    this.record = options.record;
    this.user = options.user;
    this.features = options.features;
    this.#reader = new HeartbeatReader((frame) => options.news.decode(frame));
    this.#timing = new HeartbeatTiming(options.settings.deadMs);
    this.#lastHeard = options.clock.now();
    this.#deadline = new SilenceDeadline({
      clock: options.clock,
      pace: options.pace,
      deadMs: options.settings.deadMs,
      quietSince: () => Math.min(this.#lastHeard, this.#sendingSince ?? Infinity),
      onSilent: () => this.#silent(),
    });
    this.#introduction = new AwaitedIntroduction({
      clock: options.clock,
      settings: options.settings,
      onLate: (reason) => this.#end('lost', reason),
    });
    this.tunnel = new Tunnel({ session: options.session, wake: () => this.#wakeWriter() });
  }

  /** Resolves when the peer has told its network (TIMN); rejects where the connection ends before. */
  get introduced(): Promise<undefined> {
    return this.#introduction.told;
  }

  get remote() {
    return this.#session.remote;
  }

  /** Round-trip time, measured on heartbeats. */
  get rtt(): RttEstimator {
    return this.#timing.rtt;
  }

  /** When the peer was last heard, in the clock's ms. */
  get lastHeard(): number {
    return this.#lastHeard;
  }

  /** Whether nothing was heard of the peer for as long as it takes to be dead, however much of that this node itself stood still. */
  get isOverdue(): boolean {
    return this.#lastHeard + this.#options.settings.deadMs <= this.#options.clock.now();
  }

  /** Ends the connection as one whose peer is silent, though it may have time left. */
  giveUp(): void {
    this.#silent();
  }

  /** Starts to send and to receive. */
  start(): void {
    this.#deadline.arm();
    this.#introduction.arm();
    this.#finished = Promise.all([this.#read(), this.#write()]).then(() => undefined);
  }

  /** Sends frames, in order, after those before. Not changed after: other connections send the same. */
  send(frames: readonly Uint8Array[]): void {
    if (this.#state !== 'open') return;
    try {
      this.#outbox.add(frames);
    } catch (error) {
      this.#end('lost', toError(error));
    }
    this.#wakeWriter();
  }

  /** Holds back all that is sent, but for heartbeats and what goes first, until `release`: the peer must know the network before news of it. */
  hold(): void {
    this.#outbox.hold();
  }

  /** Sends a message before everything that waits or is held back. */
  sendFirst(message: TextMessage): void {
    if (this.#state !== 'open') return;
    this.#outbox.addFirst(encodeMessage(message));
    this.#wakeWriter();
  }

  /** Sends these messages before all that waits or was held back; drawn from as the connection takes more, so that many cost no memory. */
  release(messages: Iterable<TextMessage>): void {
    if (this.#state !== 'open') return;
    this.#outbox.release(messages);
    this.#wakeWriter();
  }

  /** Sends a heartbeat before everything that waits. Of two that wait only the last is sent. */
  heartbeat(beat: HeartbeatFrames): void {
    if (this.#state !== 'open') return;
    this.#heartbeat = beat;
    this.#wakeWriter();
  }

  /** Sends what waits and closes. Never rejects, and ends within 2 s: a peer that takes nothing is cut off. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the connection at once, without `onEnd`: another one replaces it, or the node stops. Idempotent. */
  retire(reason: Error): void {
    if (this.#state !== 'ended') this.#settle(reason);
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
    const message = this.#reader.decode(frame);
    switch (message.type) {
      case 'UNKNOWN':
        this.#options.logger.debug('message.unknown', { peer: this.peer, type: message.name });
        return;
      case 'HB':
        this.lastHeartbeat = message.connections;
        this.#timing.receive(message, this.#lastHeard);
        return;
      case 'TIMN':
        this.#introduction.begins();
        this.#options.onMessage(message, this);
        this.#introduction.done();
        return;
      case 'SUMM':
        // It says what it knows, one turn after the other: each has its time.
        this.#introduction.arm();
        this.#options.onMessage(message, this);
        return;
      case 'JOIN':
      case 'FILE':
      case 'SUSP':
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

  async #close(): Promise<void> {
    const closed = new KernelError('ERR_CLOSED', 'the connection was closed');
    this.release([]);
    if (this.#state === 'open') this.#state = 'closing';
    this.tunnel.abort(closed);
    const cutOff = this.#options.clock.setTimer(CLOSE_MS, () => this.#session.abort(closed));
    this.#wakeWriter();
    await this.#finished;
    cutOff.cancel();
  }

  async #write(): Promise<void> {
    try {
      while (this.#state !== 'ended') {
        const next = this.#next();
        if (next !== undefined) await this.#send(next);
        else if (this.#state === 'open') await new Promise<void>((resolve) => (this.#wake = resolve));
        else break;
      }
      if (this.#state === 'closing') await this.#finish();
    } catch (error) {
      this.#end('lost', toError(error));
    }
  }

  async #send({ frame, sent, failed }: Outgoing): Promise<void> {
    this.#sendingSince = this.#options.clock.now();
    try {
      await this.#session.send(frame);
      sent?.();
    } catch (error) {
      failed?.(toError(error));
      throw error;
    } finally {
      this.#sendingSince = undefined;
    }
  }

  async #finish(): Promise<void> {
    const closed = new KernelError('ERR_CLOSED', 'the connection was closed');
    this.#settle(closed);
    await this.#session.close().catch((error: unknown) => {
      this.#options.logger.debug('direct.close_failed', { peer: this.peer, code: errorCode(error) });
    });
    // Our reader would wait for the peer's own close; what it still has to say is of no use any more.
    this.#session.abort(closed);
  }

  #next(): Outgoing | undefined {
    const beat = this.#heartbeat;
    if (beat !== undefined) {
      this.#heartbeat = undefined;
      return { frame: beat.frame(this.#timing.times(this.#options.clock.now())) };
    }
    const frame = this.#outbox.take();
    return frame === undefined ? this.tunnel.takeOutgoing() : { frame };
  }

  #wakeWriter(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #silent(): void {
    const { clock, settings } = this.#options;
    const isQuiet = this.#lastHeard + settings.deadMs <= clock.now();
    const what = isQuiet ? 'nothing was heard of the peer' : 'the peer took nothing of what it is sent';
    this.#end('silent', new KernelError('ERR_PEER_DEAD', `${what} for ${settings.deadMs} ms`));
  }

  #end(how: DirectEnd, reason: Error): void {
    if (this.#state === 'ended') return;
    const wasClosing = this.#state === 'closing';
    this.#settle(reason);
    this.#session.abort(reason);
    const code = errorCode(reason);
    const level = isPeerFault(code) ? 'warn' : 'info';
    this.#options.logger[level]('direct.ended', { peer: this.peer, how, code, reason: reason.message });
    if (!wasClosing) this.#options.onEnd(how, this);
  }

  #settle(reason: Error): void {
    this.#state = 'ended';
    this.#deadline.cancel();
    this.#outbox.clear();
    this.tunnel.abort(reason);
    this.#introduction.fail(reason);
    this.#wakeWriter();
  }
}
