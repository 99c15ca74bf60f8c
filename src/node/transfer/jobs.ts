import { toError } from '../../kernel/index.ts';

/** Work under way that its caller may abort, and that ends with its owner. */
export class Jobs {
  readonly #running = new Map<Promise<unknown>, AbortController>();
  #closed: Error | undefined;

  get size(): number {
    return this.#running.size;
  }

  /** Runs work with a signal that aborts when the caller's does or the owner closes; work that was started settles in its own time. */
  async run<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw this.#closed;
    signal?.throwIfAborted();
    const controller = new AbortController();
    const abort = () => controller.abort(toError(signal?.reason));
    signal?.addEventListener('abort', abort, { once: true });
    const running = work(controller.signal);
    this.#running.set(running, controller);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Aborts everything with the reason, and resolves when all of it has settled. */
  async close(reason: Error): Promise<void> {
    this.#closed ??= reason;
    for (const controller of this.#running.values()) controller.abort(reason);
    await Promise.allSettled(this.#running.keys());
  }
}
