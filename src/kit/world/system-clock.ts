import type { Clock } from '../../kernel/index.ts';

/** Longest delay `setTimeout` takes; it fires at once where it is given more. */
const MAX_DELAY_MS = 2_147_483_647;

/** The system's time and timers. */
export function systemClock(): Clock {
  return {
    now: () => performance.now(),
    wallTime: () => Date.now(),
    setTimer: (delayMs, callback) => {
      const due = performance.now() + delayMs;
      let timeout: NodeJS.Timeout;
      const arm = () => {
        // Rounded up, and looked at again when it fires: the system's timers count whole milliseconds and may be early by one.
        const left = Math.ceil(due - performance.now());
        timeout = setTimeout(fire, Math.min(Math.max(left, 0), MAX_DELAY_MS)).unref();
      };
      const fire = () => (performance.now() < due ? arm() : callback());
      arm();
      return { cancel: () => clearTimeout(timeout) };
    },
  };
}
