interface Waiter<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: Error): void;
}

/** Taken slots at the front that are worth a copy of the rest. */
const COMPACT_AFTER = 1_024;

/**
 * Joins a side that pushes, when it has something, to one consumer that iterates. Unbounded: whoever pushes keeps to a limit by
 * looking at `size`. Iteration that is broken off leaves the queue as it is; a later one goes on.
 */
export class AsyncQueue<T> implements AsyncIterable<T> {
  #items: T[] = [];
  /** Index of the first item not taken yet. */
  #head = 0;
  #waiter: Waiter<T> | undefined;
  #ended = false;
  #error: Error | undefined;

  /** Items pushed and not taken yet. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  /** Whether `end` or `fail` was called; queued items may still come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds an item; ignored after the end. */
  push(item: T): void {
    if (this.#ended) return;
    const waiter = this.#takeWaiter();
    if (waiter === undefined) this.#items.push(item);
    else waiter.resolve({ done: false, value: item });
  }

  /** Ends the queue: what is queued still comes, then iteration is done or, with an error, rejects. The first end holds. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    const waiter = this.#takeWaiter();
    if (waiter === undefined) return;
    if (error === undefined) waiter.resolve({ done: true, value: undefined });
    else waiter.reject(error);
  }

  /** Ends the queue at once: what is queued is dropped and iteration rejects with the error, also after an earlier `end`. */
  fail(error: Error): void {
    this.#items = [];
    this.#head = 0;
    if (this.#ended) this.#error ??= error;
    else this.end(error);
  }

  /** The next item, when there is one. Rejects where an earlier call still waits: there is one consumer. */
  async next(): Promise<IteratorResult<T>> {
    if (this.#waiter !== undefined)
      throw new Error('an AsyncQueue has one consumer: await next() before the next call');
    if (this.size > 0) return { done: false, value: this.#shift() };
    if (this.#error !== undefined) throw this.#error;
    if (this.#ended) return { done: true, value: undefined };
    return new Promise((resolve, reject) => (this.#waiter = { resolve, reject }));
  }

  /** Takes the next item at once, where there is one and it is wanted. */
  takeIf(isWanted: (item: T) => boolean): T | undefined {
    return this.size > 0 && isWanted(this.#items[this.#head] as T) ? this.#shift() : undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return { next: () => this.next() };
  }

  #takeWaiter(): Waiter<T> | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }

  #shift(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head++] = undefined as T;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= COMPACT_AFTER && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
