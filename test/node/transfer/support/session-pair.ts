import {
  KernelError,
  MAX_FRAME_LENGTH,
  type AbortOptions,
  type Clock,
  type NodeId,
  type Session,
} from '../../../../src/kernel/index.ts';
import { AsyncQueue, abortable } from '../../../../src/kit/index.ts';
import type { Link } from '../../../../src/sim/impairment/link.ts';

/** Frames that one direction holds before `send` waits for the reader. */
const WINDOW = 4;

/** A line between two ends that takes time. */
export interface Line {
  readonly clock: Clock;
  readonly link: Link;
}

/** One end of a session inside the process, with flow control, and with faults that a test sets. */
export class TestSession implements Session {
  readonly peer: NodeId;
  readonly local: string;
  readonly remote: string;
  readonly authenticated = true;
  /** Looks at each frame on its way out; `undefined` loses it. */
  filter: (frame: Uint8Array) => Uint8Array | undefined = (frame) => frame;
  /** What its frames go over; they arrive at once where it is left out. */
  line: Line | undefined;
  /** Longest frame it takes. */
  maxFrameLength = MAX_FRAME_LENGTH;
  /** The reason this end was aborted with. */
  abortedWith: Error | undefined;
  readonly #arrived = new AsyncQueue<Uint8Array>();
  readonly #room: (() => void)[] = [];
  #other!: TestSession;
  #underWay = 0;
  #ended: Error | undefined;

  static between(a: NodeId, b: NodeId): readonly [TestSession, TestSession] {
    const [one, other] = [new TestSession(a, b), new TestSession(b, a)];
    one.#other = other;
    other.#other = one;
    return [one, other];
  }

  private constructor(own: NodeId, peer: NodeId) {
    this.peer = peer;
    this.local = `memory:${own}`;
    this.remote = `memory:${peer}`;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  async send(frame: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    this.#assertOpen();
    if (frame.length > this.maxFrameLength) throw new KernelError('ERR_FRAME_TOO_LARGE', `${frame.length} bytes`);
    const passed = this.filter(frame);
    if (passed !== undefined) {
      this.#underWay++;
      this.#carry(passed.slice());
    }
    if (this.#underWay > WINDOW) await abortable(new Promise<void>((resolve) => this.#room.push(resolve)), signal);
    // Lets others run, as a real transport does.
    else await Promise.resolve();
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#end(new KernelError('ERR_CLOSED', 'closed'));
    this.#other.#arrived.end();
  }

  abort(reason: Error): void {
    this.abortedWith ??= reason;
    this.#end(reason);
    this.#arrived.fail(reason);
    this.#other.#lose();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const next = await this.#arrived.next();
      if (next.done === true) return;
      this.#other.#taken();
      yield next.value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #carry(frame: Uint8Array): void {
    if (this.line === undefined) {
      this.#other.#arrived.push(frame);
      return;
    }
    const { clock, link } = this.line;
    clock.setTimer(link.arrival(frame.length) - clock.now(), () => this.#other.#arrived.push(frame));
  }

  #assertOpen(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  #lose(): void {
    const error = new KernelError('ERR_CONNECTION_LOST', 'the peer aborted');
    this.#end(error);
    this.#arrived.fail(error);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const resolve of this.#room.splice(0)) resolve();
  }

  #taken(): void {
    this.#underWay--;
    this.#room.shift()?.();
  }
}
