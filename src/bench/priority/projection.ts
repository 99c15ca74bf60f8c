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

/**
 * Tells from the sizes before how long an operation will take at the next. One of it is taken to get slower by the same power of the size as
 * it did over all sizes so far (least squares of logarithms): by the last two alone, a moment in which the machine was busy would count for
 * a law.
 */
export class Projection {
  readonly #known = new Map<Operation, Known[]>();
  readonly #longestSeconds: number;

  /** What takes longer than `longestSeconds` in one life of a set is too long. */
  constructor(longestSeconds: number) {
    this.#longestSeconds = longestSeconds;
  }

  /** Takes down what was measured, sizes in ascending order; the least of the samples, which had the least else in it. */
  add(operation: Operation, known: Known): void {
    const all = this.#known.get(operation);
    if (all === undefined) this.#known.set(operation, [known]);
    else all.push(known);
  }

  /** Seconds that all of it in one life of a set would take; undefined before anything is known. */
  secondsOf(operation: Operation, size: number): number | undefined {
    const known = this.#known.get(operation) ?? [];
    const last = known.at(-1);
    if (last === undefined) return undefined;
    // Where it got faster with size, that was chance or warm-up.
    const power = Math.max(0, powerOf(known));
    return last.each * (size / last.size) ** power * countInLife(operation, size);
  }

  /** Whether it is known to take too long at a size. */
  isTooLong(operation: Operation, size: number): boolean {
    return (this.secondsOf(operation, size) ?? 0) > this.#longestSeconds;
  }
}

/** The power of the size by which the time of one grows; 0 where one size says nothing of it. */
function powerOf(known: readonly Known[]): number {
  const points = known.map(({ size, each }) => ({ x: Math.log(size), y: Math.log(each) }));
  const mean = (of: 'x' | 'y') => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [meanX, meanY] = [mean('x'), mean('y')];
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
