/** Work that goes on outside of this thread: how much of it there is, and when it is over. */
export class OutsideWork {
  #underway = 0;
  #over: Promise<void> | undefined;
  #settle: () => void = () => undefined;

  /** Resolves when nothing is underway any more; `undefined` where nothing is. */
  get over(): Promise<void> | undefined {
    if (this.#underway === 0) return undefined;
    this.#over ??= new Promise((resolve) => (this.#settle = resolve));
    return this.#over;
  }

  /** Counts for as long as the work runs, and gives what comes of it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#underway++;
    try {
      return await work();
    } finally {
      if (--this.#underway === 0) {
        this.#settle();
        this.#over = undefined;
      }
    }
  }
}
