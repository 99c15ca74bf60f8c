import { countInLife, type Operation } from './lifetime.ts';

/** Longest that one sample of an operation may take; what would take longer is not run. */
export const LONGEST_SAMPLE_S = 10;
/** The same in a quick run. */
export const QUICK_SAMPLE_S = 1;

interface Known {
  readonly size: number;
  /** Seconds for one of it. */
  readonly each: number;
}

/** Tells from the sizes before how long an operation will take at the next: it gets slower from size to size as it did last. */
export class Projection {
  readonly #known = new Map<Operation, readonly Known[]>();
  readonly #longestSeconds: number;

  constructor(longestSeconds: number) {
    this.#longestSeconds = longestSeconds;
  }

  /** Takes down what was measured, sizes in ascending order. */
  add(operation: Operation, known: Known): void {
    this.#known.set(operation, [...(this.#known.get(operation) ?? []), known].slice(-2));
  }

  /** Seconds that all of it in one life of a set would take; undefined before anything is known. */
  secondsOf(operation: Operation, size: number): number | undefined {
    const known = this.#known.get(operation) ?? [];
    const [before, last] = known.length > 1 ? known : [undefined, known[0]];
    if (last === undefined) return undefined;
    const power = before === undefined ? 0 : Math.log(last.each / before.each) / Math.log(last.size / before.size);
    // Where it got faster with size, that was chance or warm-up.
    return last.each * (size / last.size) ** Math.max(0, power) * countInLife(operation, size);
  }

  /** Whether it is known to take too long at a size. */
  isTooLong(operation: Operation, size: number): boolean {
    return (this.secondsOf(operation, size) ?? 0) > this.#longestSeconds;
  }
}
