/**
 * The `limit` items of lowest rank, lowest first; of equal ranks the earlier item. Asks for each rank once, and costs little more than
 * that where `limit` is small.
 */
export function lowestRanked(items: readonly number[], limit: number, rankOf: (item: number) => number): number[] {
  if (limit <= 0) return [];
  const kept: { readonly item: number; readonly rank: number }[] = [];
  let worst = Infinity;
  const cut = () => {
    kept.sort((a, b) => a.rank - b.rank).splice(limit);
    if (kept.length === limit) worst = kept.at(-1)?.rank ?? worst;
  };
  for (const item of items) {
    const rank = rankOf(item);
    if (rank >= worst) continue;
    kept.push({ item, rank });
    if (kept.length >= 2 * limit) cut();
  }
  cut();
  return kept.map(({ item }) => item);
}
