import { MAX_KEYS, MAX_LISTINGS, MAX_RANGES } from '../messages/limits.ts';
import type { KeyListing, KeyRange, SummMessage } from '../messages/message.ts';
import { malformed } from '../messages/text-fields.ts';
import { KeySet, keyOf, keyText } from './key-set.ts';

/** A range with no more keys than this is not split but listed. */
const LISTED = 32;
/** Ranges that one is split into: one for each next digit of the keys. */
const DIGITS = Array.from({ length: 16 }, (_, digit) => digit.toString(16));

/** Turns after which what is left to compare is told whole: two nodes that have next to nothing in common are sooner done so. */
const PATIENCE = 64;
/** Turns that a peer may take. With the patience above nobody comes near it, however much there is to compare. */
const MAX_TURNS = 1_024;

export interface ReconciliationOptions {
  /** Which keys the two ends give to what they know: 16 hex digits. */
  readonly seed: string;
  /** Keys of all we know. */
  readonly keys: readonly number[];
}

/** A range in which the two ends differ. */
interface Difference {
  readonly prefix: string;
  /** How many keys the peer has there. */
  readonly theirs: number;
}

/**
 * Finds out what two nodes know and the other does not, by turns: ranges of keys are compared by count and sum, those that differ are split, and
 * small ones are listed (range-based set reconciliation, Meyer 2023, with ranges of fixed bounds). Where both know the same, one message
 * says so; a difference of k takes messages of O(k log n) bytes.
 */
export class Reconciliation {
  readonly #seed: string;
  readonly #keys: KeySet;
  /** For each of our keys 1 where the peer lacks it. */
  readonly #lacked: Uint8Array;
  #differences: Difference[] = [];
  #turns = 0;
  #isOver = false;

  constructor({ seed, keys }: ReconciliationOptions) {
    this.#seed = seed;
    this.#keys = new KeySet(keys);
    this.#lacked = new Uint8Array(this.#keys.size);
  }

  /** Whether everything was compared. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether what has this key was there when the comparison began, and the peer lacks it. */
  isLacked(key: number): boolean {
    const index = this.#keys.indexOf(key);
    return index !== -1 && this.#lacked[index] === 1;
  }

  /** Whether the peer lacks anything. */
  get lacksAnything(): boolean {
    return this.#lacked.includes(1);
  }

  /** What the side says that begins. */
  begin(): SummMessage {
    this.#differences.push({ prefix: '', theirs: 0 });
    return this.#turn([]);
  }

  /**
   * Takes the peer's turn; gives our own, nothing where there is nothing more to say.
   *
   * @throws ERR_MESSAGE where the comparison is over, or has another seed, or goes on and on.
   */
  receive({ seed, more, ranges, listings, wants }: SummMessage): SummMessage | undefined {
    if (this.#isOver || ++this.#turns > MAX_TURNS) throw malformed('SUMM', 'nothing is left to be compared');
    if (seed !== this.#seed) throw malformed('SUMM: seed', `expected ${this.#seed}, got ${seed}`);
    for (const key of wants) this.#lack(this.#keys.indexOf(keyOf(key)));
    const ours = listings.flatMap((listing) => this.#compare(listing));
    for (const range of ranges) if (this.#differs(range)) this.#differences.push(differenceIn(range));
    const turn = this.#turn(ours);
    this.#isOver = !more && !turn.more && turn.ranges.length === 0 && turn.listings.length === 0;
    return this.#isOver && ours.length === 0 ? undefined : turn;
  }

  #differs({ prefix, count, sum }: KeyRange): boolean {
    const own = this.#keys.sumOf(prefix);
    return own.count !== count || keyText(own.sum) !== sum;
  }

  /** Notes what the peer lacks where it lists all its keys; gives those that we lack. */
  #compare({ prefix, keys }: KeyListing): string[] {
    const theirs = new Set(keys.map((key) => keyOf(key)));
    const { first, end } = this.#keys.spanOf(prefix);
    for (let index = first; index < end; index++) if (!theirs.has(this.#keys.at(index))) this.#lack(index);
    return keys.filter((key) => this.#keys.indexOf(keyOf(key)) === -1);
  }

  #lack(index: number): void {
    if (index >= 0) this.#lacked[index] = 1;
  }

  /** Goes on with as many of the differences as one message holds. */
  #turn(wants: readonly string[]): SummMessage {
    const turn = new Turn();
    const rest = this.#differences.findIndex((difference) => !this.#describe(difference, turn));
    this.#differences = rest === -1 ? [] : this.#differences.slice(rest);
    const { ranges, listings } = turn;
    const more = this.#differences.length > 0;
    return { type: 'SUMM', seed: this.#seed, more, ranges: ordered(ranges), listings: ordered(listings), wants };
  }

  /** Says more of a range that differs; false where the message has no room for it. */
  #describe({ prefix, theirs }: Difference, turn: Turn): boolean {
    const { first, end } = this.#keys.spanOf(prefix);
    if (this.#turns > PATIENCE) {
      // All that either side has there: ours as lacked, theirs since we list none.
      for (let index = first; index < end; index++) this.#lack(index);
      return turn.list(prefix, []);
    }
    if (end - first <= LISTED) {
      const keys = Array.from({ length: end - first }, (_, offset) => keyText(this.#keys.at(first + offset)));
      return turn.list(prefix, keys);
    }
    // Where the peer has few there, it is the one to list them.
    const prefixes = theirs <= LISTED ? [prefix] : DIGITS.map((digit) => prefix + digit);
    return turn.sum(prefixes.map((each) => this.#range(each)));
  }

  #range(prefix: string): KeyRange {
    const { count, sum } = this.#keys.sumOf(prefix);
    return { prefix, count, sum: keyText(sum) };
  }
}

/** What one message says, within its limits. */
class Turn {
  readonly ranges: KeyRange[] = [];
  readonly listings: KeyListing[] = [];
  #keys = 0;

  sum(ranges: readonly KeyRange[]): boolean {
    if (this.ranges.length + ranges.length > MAX_RANGES) return false;
    this.ranges.push(...ranges);
    return true;
  }

  list(prefix: string, keys: readonly string[]): boolean {
    if (this.listings.length === MAX_LISTINGS || this.#keys + keys.length > MAX_KEYS) return false;
    this.listings.push({ prefix, keys });
    this.#keys += keys.length;
    return true;
  }
}

function differenceIn({ prefix, count }: KeyRange): Difference {
  return { prefix, theirs: count };
}

function ordered<T extends { readonly prefix: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}
