import {
  KernelError,
  toError,
  type AbortOptions,
  type Address,
  type Clock,
  type Connection,
} from '../../kernel/index.ts';
import { WaitingLine, abortable } from '../../kit/index.ts';
import type { Link } from './link.ts';
import { never } from './never.ts';
import { arrivalOver, type Pause } from './pause.ts';
import type { Stoppable } from './stoppable.ts';

/** Time allowed for closing, as the contract of transports says. */
const CLOSE_TIMEOUT_MS = 5_000;
/** What may be underway before `send` waits; the last frame may exceed the bytes. */
const WINDOW_BYTES = 256 * 1_024;
const WINDOW_FRAMES = 64;

export interface ImpairedConnectionOptions {
  readonly connection: Connection;
  readonly maxFrameLength: number;
  /** The direction in which this end sends. */
  readonly link: Link;
  readonly clock: Clock;
  /** How long the link may carry nothing until a connection with something underway is lost. */
  readonly lostAfterMs: number;
  /** The process at this end, where it may be stopped. */
  readonly life?: Stoppable | undefined;
  /** Told each frame as it comes to the other end. */
  readonly onFrame: (frame: Uint8Array) => void;
  /** Told when this end can send no more: it was closed, or ended otherwise, before or after. */
  readonly onOver: () => void;
}

/** A frame, or the closing mark behind the last one, on its way. */
interface Underway {
  readonly frame: Uint8Array | 'close';
  /** By the clock, when it is at the other end. */
  readonly at: number;
}

/** A connection whose outgoing frames take the time that a link takes. Each end shapes what it sends. */
export class ImpairedConnection implements Connection {
  readonly local: Address;
  readonly remote: Address;
  readonly #options: ImpairedConnectionOptions;
  readonly #frames: AsyncIterator<Uint8Array>;
  readonly #line: WaitingLine;
  #underway: Underway[] = [];
  #bytesUnderway = 0;
  /** Sends that went past the link, which changes nothing, and have not settled. */
  #direct = 0;
  /** No frame arrives before the one sent before it. */
  #lastArrival = 0;
  #isCarrying = false;
  #pause: Pause | undefined;
  /** What ended our sending. */
  #failure: Error | undefined;
  /** With what this end was aborted. */
  #aborted: Error | undefined;
  #rejectReading: ((error: Error) => void) | undefined;
  #closing: Promise<void> | undefined;
  #settleClosing: (error?: Error) => void = () => undefined;
  #isMarkSent = false;
  #isDead = false;

  constructor(options: ImpairedConnectionOptions) {
    const { connection } = options;
    this.local = connection.local;
    this.remote = connection.remote;
    this.#options = options;
    this.#frames = connection[Symbol.asyncIterator]();
    this.#line = new WaitingLine({
      hasRoom: () => this.#underway.length < WINDOW_FRAMES && this.#bytesUnderway < WINDOW_BYTES,
      release: (frame) => this.#depart(frame),
      onGivenUp: () => this.#advance(),
    });
  }

  async send(frame: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    try {
      this.#requireOpen(frame);
      if (this.#options.link.isImmediate && this.#isIdle()) await this.#sendDirectly(frame, signal);
      else await this.#line.send(frame, signal);
    } finally {
      if (this.#isAway) await this.#ownTime();
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next() };
  }

  async close({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#closing ??= this.#startClosing();
    try {
      await abortable(this.#closing, signal);
    } finally {
      if (this.#isAway) await this.#ownTime();
    }
  }

  abort(reason: Error): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = reason;
    this.#rejectReading?.(reason);
    this.#fail(reason);
    void this.#tellAborted(reason);
  }

  /** The process at this end is no more: the connection ends, and nothing that was asked of it ever settles. */
  die(): void {
    this.#isDead = true;
    this.abort(new KernelError('ERR_CLOSED', 'the process is no more'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #requireOpen(frame: Uint8Array): void {
    const { maxFrameLength } = this.#options;
    if (frame.length > maxFrameLength) {
      const message = `a frame of ${frame.length} bytes is over the limit of ${maxFrameLength}`;
      throw new KernelError('ERR_FRAME_TOO_LARGE', message);
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) throw new KernelError('ERR_CLOSED', `the connection to ${this.remote} was closed`);
  }

  #isIdle(): boolean {
    return this.#underway.length === 0 && this.#line.isEmpty && !this.#isCarrying;
  }

  async #sendDirectly(frame: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    const { connection, onFrame } = this.#options;
    this.#direct++;
    try {
      onFrame(frame);
      await connection.send(frame, { signal });
    } finally {
      this.#direct--;
    }
  }

  /** Lets frames that wait depart while there is room, and the closing mark behind the last of them. */
  #advance(): void {
    this.#line.advance();
    if (this.#closing === undefined || this.#isMarkSent || this.#failure !== undefined) return;
    if (!this.#line.isEmpty) return;
    this.#isMarkSent = true;
    this.#depart('close');
  }

  #depart(frame: Uint8Array | 'close'): void {
    const length = frame === 'close' ? 0 : frame.length;
    this.#lastArrival = Math.max(this.#lastArrival, this.#options.link.arrival(length));
    this.#underway.push({ frame, at: this.#lastArrival });
    this.#bytesUnderway += length;
    // Every failure within ends the connection, and is told wherever it is used next.
    void this.#carry();
  }

  /** Hands what is underway over, each frame at its time. One at a time runs. */
  async #carry(): Promise<void> {
    if (this.#isCarrying) return;
    this.#isCarrying = true;
    try {
      for (let [head] = this.#underway; head !== undefined; [head] = this.#underway) {
        if (!this.#isThere(head)) await this.#arrival(head);
        if (this.#failure !== undefined) break;
        await this.#handOver(head.frame);
        this.#underway.shift();
        this.#bytesUnderway -= head.frame === 'close' ? 0 : head.frame.length;
        this.#advance();
      }
    } catch (thrown) {
      this.#fail(toError(thrown));
    } finally {
      this.#isCarrying = false;
    }
  }

  #isThere({ at }: Underway): boolean {
    const { link, clock } = this.#options;
    return link.isOpen && at <= clock.now();
  }

  /** Waits until what is underway has arrived; the connection is lost where it does not. */
  async #arrival({ at }: Underway): Promise<void> {
    const { link, clock, lostAfterMs } = this.#options;
    this.#pause = arrivalOver({ link, clock, at, lostAfterMs });
    const hasArrived = await this.#pause.over;
    this.#pause = undefined;
    if (hasArrived || this.#failure !== undefined) return;
    this.abort(new KernelError('ERR_CONNECTION_LOST', `${this.remote} did not answer for ${lostAfterMs} ms`));
  }

  #handOver(frame: Uint8Array | 'close'): Promise<void> {
    const { connection, onFrame } = this.#options;
    if (frame === 'close') return connection.close().then(() => this.#settleClosing());
    onFrame(frame);
    return connection.send(frame);
  }

  #startClosing(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const timer = this.#options.clock.setTimer(CLOSE_TIMEOUT_MS, () => {
      const message = `${this.remote} did not take everything within ${CLOSE_TIMEOUT_MS} ms`;
      this.abort(new KernelError('ERR_CLOSE_TIMEOUT', message));
    });
    const closing = new Promise<void>((resolve, reject) => {
      this.#settleClosing = (error) => {
        timer.cancel();
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    // Who gave up waiting by a signal has its answer already, and what ends otherwise is told where it does.
    void closing.then(
      () => this.#options.onOver(),
      () => undefined,
    );
    queueMicrotask(() => this.#advance());
    return closing;
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#aborted !== undefined) throw this.#aborted;
    try {
      return await new Promise((resolve, reject) => {
        this.#rejectReading = reject;
        this.#frames.next().then(resolve, reject);
      });
    } finally {
      if (this.#isAway) await this.#ownTime();
    }
  }

  get #isAway(): boolean {
    return this.#isDead || this.#options.life?.isAway === true;
  }

  /** Resolves when the process at this end hears of anything: never where it is no more. */
  #ownTime(): Promise<void> {
    const { life } = this.#options;
    return this.#isDead || life === undefined ? never() : life.running();
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#underway = [];
    this.#line.fail(error);
    this.#settleClosing(error);
    this.#pause?.end();
    this.#options.onOver();
  }

  /** The other end learns of it as late as of anything else; at once only where somebody waits for what went past the link. */
  async #tellAborted(reason: Error): Promise<void> {
    const { connection, link, clock, lostAfterMs } = this.#options;
    if (!link.isImmediate && this.#direct === 0) {
      const at = Math.max(this.#lastArrival, link.arrival(0));
      await arrivalOver({ link, clock, at, lostAfterMs }).over;
    }
    connection.abort(reason);
  }
}
