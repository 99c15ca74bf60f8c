import type { Clock } from '../../kernel/index.ts';
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
  end(): void;
}

/**
 * Waits for something on its way over a link. While the link is cut it is lost again and again; it arrives with the first retransmission
 * after the link was mended.
 */
export function arrivalOver({ link, clock, at, lostAfterMs }: ArrivalOptions): Pause {
  let release: () => void = () => undefined;
  const state = { isEnded: false };
  const isOpen = () => link.isOpen;
  const wait = async (): Promise<boolean> => {
    let arrival = at;
    while (!state.isEnded) {
      const now = clock.now();
      if (arrival === Infinity) {
        await until(now + lostAfterMs, false);
        return false;
      }
      if (arrival > now) {
        await until(arrival, false);
      } else if (isOpen()) {
        return true;
      } else {
        await until(now + lostAfterMs, true);
        if (!isOpen()) return false;
        arrival = link.retransmission(now);
      }
    }
    return false;
  };
  /** Waits for a time; `orOpen`: or for the link, whichever comes first. */
  const until = (time: number, orOpen: boolean) =>
    new Promise<void>((resolve) => {
      release = () => {
        timer.cancel();
        forget();
        resolve();
      };
      const timer = clock.setTimer(time - clock.now(), () => release());
      const forget = orOpen ? link.whenOpen(() => release()) : () => undefined;
    });
  return {
    over: wait(),
    end: () => {
      state.isEnded = true;
      release();
    },
  };
}
