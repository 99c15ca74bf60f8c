import { toError, type Clock, type Session } from '../../kernel/index.ts';
import { encodeMessage } from '../messages/codec.ts';
import type { HeartbeatFrames } from '../messages/heartbeat-frames.ts';
import type { TextMessage } from '../messages/message.ts';
import type { HeartbeatTiming } from './heartbeat-timing.ts';
import { Outbox } from './outbox.ts';
import { Tunnel, type TunnelledFrame } from './tunnel.ts';

export interface DirectWriterOptions {
  readonly session: Session;
  readonly clock: Clock;
  /** Gives the numbers of a heartbeat at the moment it is sent. */
  readonly timing: Pick<HeartbeatTiming, 'times'>;
}

/** A frame on its way, and where it came through the tunnel, who hears of its fate. */
type Outgoing = Pick<TunnelledFrame, 'frame'> & Partial<TunnelledFrame>;

/** The one writer of a direct connection: heartbeats go first, then gossip in order, then the frames of the tunnel. */
export class DirectWriter {
  readonly tunnel: Tunnel;
  readonly #options: DirectWriterOptions;
  readonly #outbox = new Outbox();
  #heartbeat: HeartbeatFrames | undefined;
  #blockedSince: number | undefined;
  #wake: (() => void) | undefined;
  #state: 'open' | 'finishing' | 'stopped' = 'open';

  constructor(options: DirectWriterOptions) {
    this.#options = options;
    this.tunnel = new Tunnel({ session: options.session, wake: () => this.#wakeUp() });
  }

  /** Since when, by the clock, the session has not taken the frame it was given; undefined where it waits for none. */
  get blockedSince(): number | undefined {
    return this.#blockedSince;
  }

  /** Writes what there is and what comes; resolves when all is written after `finish`, or after `stop`. Rejects as the session does. Once. */
  async run(): Promise<void> {
    while (this.#state !== 'stopped') {
      const next = this.#next();
      if (next !== undefined) await this.#send(next);
      else if (this.#state === 'open') await new Promise<void>((resolve) => (this.#wake = resolve));
      else return;
    }
  }

  /**
   * Sends frames, in order, after those before. Not changed after: other connections send the same.
   *
   * @throws ERR_LIMIT where more would wait than may.
   */
  add(frames: readonly Uint8Array[]): void {
    this.#outbox.add(frames);
    this.#wakeUp();
  }

  /**
   * Sends a message before all gossip that waits or is held back.
   *
   * @throws ERR_LIMIT likewise.
   */
  addFirst(message: TextMessage): void {
    this.#outbox.addFirst(encodeMessage(message));
    this.#wakeUp();
  }

  /** Holds back what is added, but for heartbeats and what goes first, until it is released. */
  hold(): void {
    this.#outbox.hold();
  }

  /** Sends these messages before all gossip that waits or was held back; they are made as the session takes them. */
  release(messages: Iterable<TextMessage>): void {
    this.#outbox.release(messages);
    this.#wakeUp();
  }

  /** Sends a heartbeat before everything that waits. Of two that wait only the last is sent. */
  heartbeat(beat: HeartbeatFrames): void {
    this.#heartbeat = beat;
    this.#wakeUp();
  }

  /** Sends what waits, also what was held back, but nothing more of the tunnel, which ends with the reason. */
  finish(reason: Error): void {
    if (this.#state === 'open') {
      this.#state = 'finishing';
      this.release([]);
    }
    this.tunnel.abort(reason);
  }

  /** Drops what waits and sends nothing more; the tunnel ends with the reason. Idempotent. */
  stop(reason: Error): void {
    this.#state = 'stopped';
    this.#outbox.clear();
    this.tunnel.abort(reason);
    this.#wakeUp();
  }

  #next(): Outgoing | undefined {
    const beat = this.#heartbeat;
    if (beat !== undefined) {
      this.#heartbeat = undefined;
      const { timing, clock } = this.#options;
      return { frame: beat.frame(timing.times(clock.now())) };
    }
    const frame = this.#outbox.take();
    return frame === undefined ? this.tunnel.takeOutgoing() : { frame };
  }

  async #send({ frame, sent, failed }: Outgoing): Promise<void> {
    const { session, clock } = this.#options;
    this.#blockedSince = clock.now();
    try {
      await session.send(frame);
      sent?.();
    } catch (error) {
      failed?.(toError(error));
      throw error;
    } finally {
      this.#blockedSince = undefined;
    }
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
