interface Entry<T> {
  readonly item: T;
  at: number;
  index: number;
}

/** Items by the time they want to be called, soonest first: a binary heap that knows where each item is. */
export class DeadlineQueue<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #entries = new Map<T, Entry<T>>();

  /** The soonest deadline, or Infinity. */
  get next(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  /** Sets or moves an item's deadline; Infinity takes it out. */
  set(item: T, at: number): void {
    const entry = this.#entries.get(item);
    if (at === Infinity) {
      this.delete(item);
      return;
    }
    if (entry === undefined) {
      const added = { item, at, index: this.#heap.length };
      this.#entries.set(item, added);
      this.#heap.push(added);
      this.#rise(added);
      return;
    }
    const isSooner = at < entry.at;
    entry.at = at;
    if (isSooner) this.#rise(entry);
    else this.#sink(entry);
  }

  delete(item: T): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return;
    this.#entries.delete(item);
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#place(last, entry.index);
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out an item whose deadline is `now` or before. */
  shiftDue(now: number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.delete(first.item);
    return first.item;
  }

  #rise(entry: Entry<T>): void {
    for (let parent = this.#parent(entry); parent !== undefined && parent.at > entry.at; parent = this.#parent(entry)) {
      this.#swap(entry, parent);
    }
  }

  #sink(entry: Entry<T>): void {
    for (
      let child = this.#soonerChild(entry);
      child !== undefined && child.at < entry.at;
      child = this.#soonerChild(entry)
    ) {
      this.#swap(entry, child);
    }
  }

  #parent({ index }: Entry<T>): Entry<T> | undefined {
    return index === 0 ? undefined : this.#heap[(index - 1) >>> 1];
  }

  #soonerChild({ index }: Entry<T>): Entry<T> | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left !== undefined && right !== undefined && right.at < left.at ? right : left;
  }

  #swap(one: Entry<T>, other: Entry<T>): void {
    const { index } = one;
    this.#place(one, other.index);
    this.#place(other, index);
  }

  #place(entry: Entry<T>, index: number): void {
    entry.index = index;
    this.#heap[index] = entry;
  }
}
