/** Whole numbers from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * A set of whole numbers, such as byte positions or packet numbers, kept as ascending ranges that neither overlap nor touch: a whole file
 * costs as much as one byte, and memory grows with the number of gaps only.
 */
export class RangeSet {
  #ranges: Range[] = [];
  #size = 0;

  /** How many ranges. */
  get count(): number {
    return this.#ranges.length;
  }

  /** How many numbers. */
  get size(): number {
    return this.#size;
  }

  /** The ranges, lowest first; not to be changed. */
  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  get first(): Range | undefined {
    return this.#ranges[0];
  }

  get last(): Range | undefined {
    return this.#ranges.at(-1);
  }

  has(value: number): boolean {
    const range = this.#ranges[this.#firstEndingAfter(value)];
    return range !== undefined && range.start <= value;
  }

  add(start: number, end: number): void {
    if (start >= end) return;
    const last = this.#ranges.length - 1;
    const tail = this.#ranges[last];
    if (tail !== undefined && start === tail.end) {
      this.#ranges[last] = { start: tail.start, end };
      this.#size += end - start;
      return;
    }
    const from = this.#firstEndingAfter(start - 1);
    let [low, high, to, covered] = [start, end, from, 0];
    for (let range = this.#ranges[to]; range !== undefined && range.start <= end; range = this.#ranges[++to]) {
      low = Math.min(low, range.start);
      high = Math.max(high, range.end);
      covered += range.end - range.start;
    }
    this.#ranges.splice(from, to - from, { start: low, end: high });
    this.#size += high - low - covered;
  }

  remove(start: number, end: number): void {
    if (start >= end) return;
    const from = this.#firstEndingAfter(start);
    const first = this.#ranges[from];
    if (first === undefined || first.start >= end) return;
    if (first.start >= start && first.end > end) {
      this.#ranges[from] = { start: end, end: first.end };
      this.#size -= end - first.start;
      return;
    }
    const kept: Range[] = [];
    let to = from;
    for (let range: Range | undefined = first; range !== undefined && range.start < end; range = this.#ranges[++to]) {
      this.#size -= Math.min(end, range.end) - Math.max(start, range.start);
      if (range.start < start) kept.push({ start: range.start, end: start });
      if (range.end > end) kept.push({ start: end, end: range.end });
    }
    this.#ranges.splice(from, to - from, ...kept);
  }

  /** The parts of a range that are not in the set, lowest first. */
  missing(start: number, end: number): Range[] {
    const parts: Range[] = [];
    let at = start;
    for (let index = this.#firstEndingAfter(start); at < end; index += 1) {
      const range = this.#ranges[index];
      const until = Math.min(end, range?.start ?? end);
      if (at < until) parts.push({ start: at, end: until });
      at = Math.max(at, range?.end ?? end);
    }
    return parts;
  }

  /** The parts of a range that are in the set, lowest first. */
  within(start: number, end: number): Range[] {
    const parts: Range[] = [];
    for (let index = this.#firstEndingAfter(start); index < this.#ranges.length; index += 1) {
      const range = this.#ranges[index] as Range;
      if (range.start >= end) break;
      parts.push({ start: Math.max(start, range.start), end: Math.min(end, range.end) });
    }
    return parts;
  }

  /** The first `limit` of the equal blocks of `length` numbers, counted from 0, that have a number in the set; ascending. */
  blocks(length: number, limit: number): number[] {
    const blocks: number[] = [];
    for (const { start, end } of this.#ranges) {
      const from = Math.floor(start / length);
      const last = Math.floor((end - 1) / length);
      for (let block = from === blocks.at(-1) ? from + 1 : from; block <= last; block += 1) {
        if (blocks.length === limit) return blocks;
        blocks.push(block);
      }
    }
    return blocks;
  }

  /** Index of the first range whose end is above `value`. */
  #firstEndingAfter(value: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.end ?? Infinity) > value) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
