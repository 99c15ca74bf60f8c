import { KEY_DIGITS } from '../messages/key-fields.ts';

/** Keys are below this. */
const KEYS = 16 ** KEY_DIGITS;

/** How many keys a range holds, and their sum modulo 2^52. */
export interface KeySum {
  readonly count: number;
  readonly sum: number;
}

/** Where the keys of a range stand: from `first` to before `end`. */
export interface KeySpan {
  readonly first: number;
  readonly end: number;
}

/** Keys of 52 bits in order, of whose ranges count and sum cost next to nothing. A range is named by the hex digits that its keys begin with. */
export class KeySet {
  readonly #keys: Float64Array;
  /** Sums of the keys before each, modulo 2^52. */
  readonly #sums: Float64Array;

  constructor(keys: readonly number[]) {
    this.#keys = Float64Array.from(keys).sort();
    this.#sums = new Float64Array(keys.length + 1);
    let sum = 0;
    for (const [index, key] of this.#keys.entries()) {
      sum = (sum + key) % KEYS;
      this.#sums[index + 1] = sum;
    }
  }

  get size(): number {
    return this.#keys.length;
  }

  at(index: number): number {
    return this.#keys[index] ?? NaN;
  }

  /** Where a key stands; -1 where it is not there. */
  indexOf(key: number): number {
    const index = this.#firstFrom(key);
    return this.#keys[index] === key ? index : -1;
  }

  spanOf(prefix: string): KeySpan {
    const width = 16 ** (KEY_DIGITS - prefix.length);
    const lowest = prefix === '' ? 0 : parseInt(prefix, 16) * width;
    return { first: this.#firstFrom(lowest), end: this.#firstFrom(lowest + width) };
  }

  sumOf(prefix: string): KeySum {
    const { first, end } = this.spanOf(prefix);
    return { count: end - first, sum: ((this.#sums[end] ?? 0) - (this.#sums[first] ?? 0) + KEYS) % KEYS };
  }

  /** The place of the first key that is not below a bound. */
  #firstFrom(bound: number): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? Infinity) < bound) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A key, or a sum of keys, as its hex digits. */
export function keyText(key: number): string {
  return key.toString(16).padStart(KEY_DIGITS, '0');
}

/** The key of such digits. */
export function keyOf(text: string): number {
  return parseInt(text, 16);
}
