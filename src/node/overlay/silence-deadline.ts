import type { Clock, Timer } from '../../kernel/index.ts';
import { CATCH_UP_MS, type OwnPace } from './own-pace.ts';

/** How late a timer may be in a process that gets its time: where it is later, the process stood still. */
const LATE_MS = 100;

export interface SilenceDeadlineOptions {
  readonly clock: Clock;
  readonly pace: Pick<OwnPace, 'runningSince'>;
  readonly deadMs: number;
  /** Since when, by the clock, the peer has not taken what it was sent; undefined where nothing waits for it. */
  readonly blockedSince: () => number | undefined;
  /** The silence has lasted for too long. */
  readonly onSilent: () => void;
}

/**
 * When a peer was last heard, and when that is too long ago: after `deadMs`, all of it while this node ran. So whoever is stopped again and
 * again gives a peer its time anew each time, and would never find out that it is dead; where others have said that it is, `deadMs` by the
 * clock are enough.
 *
 * A process that goes on after a stop has its timers fire before it reads what came in. So no timer that is late ends anything: it gives
 * what came in a moment to be read. One timer for a connection, set anew when it fires and there was no silence: nothing is done for each frame.
 */
export class SilenceDeadline {
  readonly #options: SilenceDeadlineOptions;
  #timer: Timer | undefined;
  #lastHeard: number;
  /** By the clock, when others said that the peer is gone. */
  #reportedAt = -Infinity;

  constructor(options: SilenceDeadlineOptions) {
    this.#options = options;
    this.#lastHeard = options.clock.now();
  }

  /** When the peer was last heard, by the clock; at first when it was connected. */
  get lastHeard(): number {
    return this.#lastHeard;
  }

  /** Starts to watch. */
  arm(): void {
    this.#waitUntil(this.#dueAt());
  }

  /** The peer was heard. */
  heard(): void {
    this.#lastHeard = this.#options.clock.now();
  }

  /** Others say that the peer is gone. That counts until the peer is heard, but for what it said before and has not been read yet. */
  reported(): void {
    // What others repeat gives the peer no more time.
    if (this.isReported) return;
    this.#reportedAt = this.#options.clock.now();
    this.#waitUntil(Math.max(this.#dueAt(), this.#reportedAt + CATCH_UP_MS));
  }

  /** Whether others said that the peer is gone, and it was not heard since. */
  get isReported(): boolean {
    return this.#lastHeard <= this.#reportedAt + CATCH_UP_MS;
  }

  /** Watches no more. */
  cancel(): void {
    this.#timer?.cancel();
  }

  #waitUntil(time: number): void {
    const { clock } = this.#options;
    const at = Math.max(time, clock.now());
    this.#timer?.cancel();
    this.#timer = clock.setTimer(at - clock.now(), () => this.#look(clock.now() - at));
  }

  #look(lateMs: number): void {
    const { clock, onSilent } = this.#options;
    if (this.#dueAt() > clock.now()) this.arm();
    else if (lateMs >= LATE_MS) this.#waitUntil(clock.now() + CATCH_UP_MS);
    else onSilent();
  }

  #dueAt(): number {
    const { pace, deadMs, blockedSince } = this.#options;
    const since = Math.min(this.#lastHeard, blockedSince() ?? Infinity);
    return deadMs + (this.isReported ? since : Math.max(since, pace.runningSince));
  }
}
