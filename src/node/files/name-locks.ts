/**
 * Lets one piece of work at a time touch a name of the folder: a scan, a placement and a restore of one file never
 * interleave.
 */
export class NameLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves when the work on the name that there is now has ended. */
  async idle(name: string): Promise<void> {
    await this.#last.get(keyOf(name));
  }

  /** Runs the work when all earlier work on the name has ended, and settles as the work does. Not reentrant. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const key = keyOf(name);
    const result = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const ended = result.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, ended);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}

/** Names that a file system may hold to be the same share a lock: case and composition make no difference to some. */
function keyOf(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
