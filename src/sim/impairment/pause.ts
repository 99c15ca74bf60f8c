import type { Clock, Timer } from '../../kernel/index.ts';
import type { Link } from './link.ts';

export interface ArrivalOptions {
  readonly link: Link;
  readonly clock: Clock;
  /** When it arrives, by the clock, if the link is open then; Infinity where it never does. */
  readonly at: number;
  /** How long to wait while nothing arrives. */
  readonly lostAfterMs: number;
}

/** A wait that somebody may end before its time. */
export interface Pause {
  /** Resolves true when the wait is over, false when it was ended before or was in vain. */
  readonly over: Promise<boolean>;
  /** Needs no receiver: it may be handed on. */
  readonly end: () => void;
}

/**
 * Waits for something on its way over a link. While the link is cut it is lost again and again; it arrives with the first retransmission
 * after the link was mended.
 */
export function arrivalOver(options: ArrivalOptions): Pause {
  return new Arrival(options);
}

class Arrival implements Pause {
  readonly over: Promise<boolean>;
  readonly #options: ArrivalOptions;
  #settle: (hasArrived: boolean) => void = () => undefined;
  #timer: Timer | undefined;
  #forget: () => void = () => undefined;

  constructor(options: ArrivalOptions) {
    this.#options = options;
    this.over = new Promise((resolve) => (this.#settle = resolve));
    this.#waitUntil(options.at);
  }

  readonly end = (): void => {
    this.#stopWaiting();
    this.#settle(false);
  };

  #waitUntil(at: number): void {
    const { clock, link, lostAfterMs } = this.#options;
    const waitMs = at - clock.now();
    if (at === Infinity) this.#timer = clock.setTimer(lostAfterMs, () => this.end());
    else if (waitMs > 0) this.#timer = clock.setTimer(waitMs, () => this.#waitUntil(at));
    else if (link.isOpen) this.#settle(true);
    else this.#waitForLink();
  }

  #waitForLink(): void {
    const { clock, link, lostAfterMs } = this.#options;
    const since = clock.now();
    this.#timer = clock.setTimer(lostAfterMs, () => this.end());
    this.#forget = link.whenOpen(() => {
      this.#stopWaiting();
      this.#waitUntil(link.retransmission(since));
    });
  }

  #stopWaiting(): void {
    this.#timer?.cancel();
    this.#forget();
  }
}
