import { errorCode, toError, type Logger } from '../kernel/index.ts';

/** Work that nobody awaits where it is begun. Failures are logged, and whoever owns it can wait for its end. */
export class BackgroundTasks {
  readonly #logger: Logger;
  readonly #running = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Lets work go on by itself; `event` names it in the log should it fail. */
  run(event: string, work: Promise<void>, fields: Readonly<Record<string, unknown>> = {}): void {
    const task = work.catch((thrown: unknown) => {
      const error = toError(thrown);
      this.#logger.warn(event, { ...fields, code: errorCode(error), reason: error.message });
    });
    const tracked = task.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /** Resolves when everything begun so far, and what that began, has ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
