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
import { HeartbeatReader, type HeartbeatFrames } from '../messages/heartbeat-frames.ts';
import type { TextMessage } from '../messages/message.ts';
import type { NewsReader } from '../messages/news-reader.ts';
import type { NodeRecord } from '../records.ts';
import { AwaitedIntroduction } from './awaited-introduction.ts';
import { DirectWriter } from './direct-writer.ts';
import { HeartbeatTiming } from './heartbeat-timing.ts';
import type { OwnPace } from './own-pace.ts';
import { isPeerFault } from './peer-faults.ts';
import { SilenceDeadline } from './silence-deadline.ts';
import type { Tunnel } from './tunnel.ts';

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

/** One direct connection: gossip and heartbeats with one neighbour, and a tunnel behind them. */
export class DirectConnection {
  readonly peer: NodeId;
  readonly dialled: boolean;
  readonly user: string;
  readonly features: readonly string[];
  /** The peer as it last described itself on this connection. */
  record: NodeRecord;
  /** The direct connections of the peer, as its last heartbeat named them; undefined before the first. */
  lastHeartbeat: readonly NodeRecord[] | undefined;

  readonly #options: DirectConnectionOptions;
  readonly #introduction: AwaitedIntroduction;
  readonly #session: Session;
  readonly #timing: HeartbeatTiming;
  readonly #writer: DirectWriter;
  readonly #reader: HeartbeatReader;
  readonly #silence: SilenceDeadline;
  #state: 'open' | 'closing' | 'ended' = 'open';
  #finished: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(options: DirectConnectionOptions) {
    const { session, clock, pace, settings } = options;
    this.#options = options;
    this.#session = session;
    this.peer = session.peer;
    this.dialled = options.dialled;
    this.record = options.record;
    this.user = options.user;
    this.features = options.features;
    this.#reader = new HeartbeatReader((frame) => options.news.decode(frame));
    this.#timing = new HeartbeatTiming(settings.deadMs);
    this.#writer = new DirectWriter({ session, clock, timing: this.#timing });
    this.#silence = new SilenceDeadline({
      clock,
      pace,
      deadMs: settings.deadMs,
      blockedSince: () => this.#writer.blockedSince,
      onSilent: () => this.#silent(),
    });
    this.#introduction = new AwaitedIntroduction({
      clock,
      settings,
      onLate: (reason) => this.#end('lost', reason),
    });
  }

  /** Carries transfers between nodes that cannot dial each other. */
  get tunnel(): Tunnel {
    return this.#writer.tunnel;
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
    return this.#silence.lastHeard;
  }

  /** Others say that the peer is gone: that is believed when it has been silent for `deadMs`, however much of that this node itself stood still. */
  reportedGone(): void {
    if (this.#state === 'open') this.#silence.reported();
  }

  /** The peer says that a node is gone: it has no connection to it, whatever its last heartbeat named. */
  disown(id: NodeId): void {
    this.lastHeartbeat = this.lastHeartbeat?.filter((named) => named.id !== id);
  }

  /** Whether others said so, and the peer was not heard since. */
  get isReportedGone(): boolean {
    return this.#silence.isReported;
  }

  /** Starts to send and to receive. */
  start(): void {
    this.#silence.arm();
    this.#introduction.arm();
    this.#finished = Promise.all([this.#read(), this.#write()]).then(() => undefined);
  }

  /** Sends frames, in order, after those before. Not changed after: other connections send the same. */
  send(frames: readonly Uint8Array[]): void {
    if (this.#state !== 'open') return;
    try {
      this.#writer.add(frames);
    } catch (error) {
      this.#end('lost', toError(error));
    }
  }

  /** Holds back all that is sent, but for heartbeats and what goes first, until `release`: the peer must know the network before news of it. */
  hold(): void {
    this.#writer.hold();
  }

  /** Sends a message before everything that waits or is held back. */
  sendFirst(message: TextMessage): void {
    if (this.#state === 'open') this.#writer.addFirst(message);
  }

  /** Sends these messages before all that waits or was held back; drawn from as the connection takes more, so that many cost no memory. */
  release(messages: Iterable<TextMessage>): void {
    if (this.#state === 'open') this.#writer.release(messages);
  }

  /** Sends a heartbeat before everything that waits. Of two that wait only the last is sent. */
  heartbeat(beat: HeartbeatFrames): void {
    if (this.#state === 'open') this.#writer.heartbeat(beat);
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
        this.#silence.heard();
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
        this.#timing.receive(message, this.lastHeard);
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
    if (this.#state === 'open') this.#state = 'closing';
    this.#writer.finish(closed);
    const cutOff = this.#options.clock.setTimer(CLOSE_MS, () => this.#session.abort(closed));
    await this.#finished;
    cutOff.cancel();
  }

  async #write(): Promise<void> {
    try {
      await this.#writer.run();
      if (this.#state === 'closing') await this.#finish();
    } catch (error) {
      this.#end('lost', toError(error));
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

  #silent(): void {
    const { clock, settings } = this.#options;
    const isQuiet = this.lastHeard + settings.deadMs <= clock.now();
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
    this.#silence.cancel();
    this.#writer.stop(reason);
    this.#introduction.fail(reason);
  }
}
