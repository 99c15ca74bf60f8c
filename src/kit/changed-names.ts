/** Names kept for a consumer that does not take them; above, it is only told that something changed. */
const MAX_PENDING = 4_096;

/**
 * Names of what changed, each once until it is taken, for one consumer: however fast a file is written, it waits here once.
 * Above 4,096 names they give way to '', which says that anything may have changed.
 */
export class ChangedNames implements AsyncIterable<string> {
  readonly #names = new Set<string>();
  #wake: (() => void) | undefined;
  #ended = false;

  /** Adds a name; ignored after the end. */
  add(name: string): void {
    if (this.#ended) return;
    if (this.#names.size >= MAX_PENDING && !this.#names.has(name)) {
      this.#names.clear();
      this.#names.add('');
    }
    if (!this.#names.has('')) this.#names.add(name);
    this.#wake?.();
  }

  /** Ends iteration at once; names not taken are dropped. */
  end(): void {
    this.#ended = true;
    this.#names.clear();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    while (!this.#ended) {
      const [name] = this.#names;
      if (name === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      } else {
        this.#names.delete(name);
        yield name;
      }
    }
  }
}
