/** Bytes from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * A set of byte positions, kept as sorted, disjoint ranges that do not touch: a whole file costs as much as one byte, and memory grows with
 * the number of gaps only.
 */
export class RangeSet {
  #ranges: Range[] = [];
  #size = 0;

  /** How many positions are in the set. */
  get size(): number {
    return this.#size;
  }

  /** Adds the positions that are not in it yet. */
  add(start: number, end: number): void {
    if (start >= end) return;
    // Ranges that overlap or touch the new one melt into it.
    const [first, next] = this.#span(start - 1, end + 1);
    const melted = this.#ranges.slice(first, next);
    const merged = {
      start: Math.min(start, melted[0]?.start ?? start),
      end: Math.max(end, melted.at(-1)?.end ?? end),
    };
    this.#size += merged.end - merged.start - lengthOf(melted);
    this.#ranges.splice(first, next - first, merged);
  }

  /** Removes the positions that are in it. */
  remove(start: number, end: number): void {
    if (start >= end) return;
    const [first, next] = this.#span(start, end);
    const cut = this.#ranges.slice(first, next);
    const left: Range[] = [];
    const [head, tail] = [cut[0], cut.at(-1)];
    if (head !== undefined && head.start < start) left.push({ start: head.start, end: start });
    if (tail !== undefined && tail.end > end) left.push({ start: end, end: tail.end });
    this.#size += lengthOf(left) - lengthOf(cut);
    this.#ranges.splice(first, next - first, ...left);
  }

  /** What of the range is in the set, ascending. */
  within(start: number, end: number): Range[] {
    const [first, next] = this.#span(start, end);
    return this.#ranges
      .slice(first, next)
      .map((range) => ({ start: Math.max(start, range.start), end: Math.min(end, range.end) }));
  }

  /** The first `limit` of the equal parts of `length` positions, counted from 0, that have a position in the set; ascending. */
  parts(length: number, limit: number): number[] {
    const parts: number[] = [];
    for (const { start, end } of this.#ranges) {
      const from = Math.floor(start / length);
      const last = Math.floor((end - 1) / length);
      for (let part = from === parts.at(-1) ? from + 1 : from; part <= last; part++) {
        if (parts.length === limit) return parts;
        parts.push(part);
      }
    }
    return parts;
  }

  /** Indexes, from and to, of the ranges that overlap start..end. */
  #span(start: number, end: number): [from: number, to: number] {
    return [this.#count((range) => range.end <= start), this.#count((range) => range.start < end)];
  }

  /** How many ranges, all at the front, satisfy the condition; by bisection. */
  #count(isBefore: (range: Range) => boolean): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#ranges[middle] as Range)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function lengthOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
