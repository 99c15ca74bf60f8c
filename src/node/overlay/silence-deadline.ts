import type { Clock, Timer } from '../../kernel/index.ts';
import type { OwnPace } from './own-pace.ts';

export interface SilenceDeadlineOptions {
  readonly clock: Clock;
  readonly pace: Pick<OwnPace, 'runningSince'>;
  readonly deadMs: number;
  /** Since when there was silence, by the clock. */
  readonly quietSince: () => number;
  /** The silence has lasted for `deadMs`, all of it while this node ran. */
  readonly onSilent: () => void;
}

/** One timer for a connection, set anew when it fires and there was no silence meanwhile: nothing is done for each frame. */
export class SilenceDeadline {
  readonly #options: SilenceDeadlineOptions;
  #timer: Timer | undefined;

  constructor(options: SilenceDeadlineOptions) {
    this.#options = options;
  }

  /** Starts to watch. */
  arm(): void {
    const { clock, onSilent } = this.#options;
    this.#timer = clock.setTimer(Math.max(0, this.#dueAt() - clock.now()), () => {
      if (this.#dueAt() > clock.now()) this.arm();
      else onSilent();
    });
  }

  /** Watches no more. */
  cancel(): void {
    this.#timer?.cancel();
  }

  #dueAt(): number {
    const { pace, quietSince, deadMs } = this.#options;
    return Math.max(quietSince(), pace.runningSince) + deadMs;
  }
}
