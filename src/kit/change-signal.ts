import { abortable } from './deadline.ts';

/** Tells one who waits that something changed: a change that nobody waited for is told to the next who does. */
export class ChangeSignal {
  #changed = false;
  #wake: (() => void) | undefined;

  notify(): void {
    this.#changed = true;
    this.#wake?.();
  }

  /** Resolves when something changed since the last time, or changes. Rejects with the signal's reason. One waits at a time. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#changed) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await abortable(woken, signal);
    }
    this.#changed = false;
  }
}
