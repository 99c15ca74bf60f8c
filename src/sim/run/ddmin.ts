/**
 * The smallest part of a list that still fails, as far as leaving out one thing more makes it pass: the algorithm ddmin (Zeller and
 * Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002).
 *
 * @param items fails as a whole.
 * @param fails whether a part, in the order of the list, still fails; false where there is no patience left to try.
 */
export async function ddmin<T>(
  items: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  if (items.length === 0 || (await fails([]))) return [];
  let smallest = items;
  for (let parts = 2; smallest.length >= 2;) {
    const reduced = await reduce(smallest, parts, fails);
    if (reduced !== undefined) {
      smallest = reduced.part;
      parts = reduced.isComplement ? Math.max(parts - 1, 2) : 2;
    } else if (parts < smallest.length) {
      parts = Math.min(parts * 2, smallest.length);
    } else {
      return smallest;
    }
  }
  return smallest;
}

/** One of so many parts of the list, or all of it but one part, that fails. */
async function reduce<T>(
  items: readonly T[],
  parts: number,
  fails: (part: readonly T[]) => Promise<boolean>,
): Promise<{ readonly part: readonly T[]; readonly isComplement: boolean } | undefined> {
  const bounds = Array.from({ length: parts + 1 }, (_, index) => Math.round((index * items.length) / parts));
  const slices = bounds.slice(1).map((end, index) => ({ start: bounds[index] ?? 0, end }));
  for (const { start, end } of slices) {
    const part = items.slice(start, end);
    if (part.length < items.length && (await fails(part))) return { part, isComplement: false };
  }
  if (parts === 2) return undefined;
  for (const { start, end } of slices) {
    const part = [...items.slice(0, start), ...items.slice(end)];
    if (await fails(part)) return { part, isComplement: true };
  }
  return undefined;
}
