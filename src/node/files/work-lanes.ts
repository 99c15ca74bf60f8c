/**
 * Works off names, a few at a time and never one twice at once. A name added while it is worked on is worked on again.
 */
export class WorkLanes {
  readonly #work: (name: string) => Promise<void>;
  readonly #lanes: number;
  readonly #waiting = new Set<string>();
  readonly #active = new Map<string, Promise<void>>();
  #closed = false;

  /** `work` handles its own errors. */
  constructor(lanes: number, work: (name: string) => Promise<void>) {
    this.#lanes = lanes;
    this.#work = work;
  }

  get isIdle(): boolean {
    return this.#waiting.size + this.#active.size === 0;
  }

  /** Names that wait or are worked on. */
  get size(): number {
    let both = 0;
    for (const name of this.#active.keys()) if (this.#waiting.has(name)) both += 1;
    return this.#waiting.size + this.#active.size - both;
  }

  add(name: string): void {
    if (this.#closed) return;
    this.#waiting.add(name);
    this.#start();
  }

  /** Resolves when a piece of work has ended; at once where none is under way. */
  async progress(): Promise<void> {
    if (this.#active.size > 0) await Promise.race(this.#active.values());
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    await Promise.all(this.#active.values());
  }

  #start(): void {
    for (const name of this.#waiting) {
      if (this.#active.size >= this.#lanes) return;
      if (this.#active.has(name)) continue;
      this.#waiting.delete(name);
      const ended = this.#work(name).finally(() => {
        this.#active.delete(name);
        this.#start();
      });
      this.#active.set(name, ended);
    }
  }
}
