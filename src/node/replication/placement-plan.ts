import type { NodeId } from '../../kernel/index.ts';

/** A live node as the planning of copies sees it. */
export interface PlacedNode {
  readonly id: NodeId;
  /** Where it stands. Nodes that do not say stand in one zone together. */
  readonly zone: string | undefined;
  /** Bytes it keeps for others, as replicas. */
  readonly keptBytes: number;
}

/** A live node that holds the content, or was asked to. */
export interface PlacedHolder extends PlacedNode {
  /** Whether it holds a replica, which it can be asked to drop. What a folder holds stays. */
  readonly droppable: boolean;
}

export interface PlacementView {
  /** How many live nodes are to hold the content. */
  readonly wanted: number;
  readonly holders: readonly PlacedHolder[];
  /** Others that may be asked, best placed first; those that refused lately are not among them. */
  readonly candidates: readonly PlacedNode[];
}

export interface PlacementPlan {
  /** Whom to ask to keep the content, in this order. */
  readonly ask: readonly NodeId[];
  /** Whose replica is one too many: there are enough without it, in as many zones. */
  readonly drop: NodeId | undefined;
}

/** What is kept is compared in units of 64 MiB: below that the order of neighbours counts for more than an even share. */
export const SPREAD_BYTES = 64 * 1024 * 1024;

/**
 * Who is to hold a content besides those that do. A zone that holds none comes before one that does, then the node that keeps the least for
 * others, then the better-placed neighbour. Depends on nothing but the view.
 */
export function planPlacement({ wanted, holders, candidates }: PlacementView): PlacementPlan {
  const placed: PlacedNode[] = [...holders];
  const left = candidates.filter(({ id }) => holders.every((holder) => holder.id !== id));
  const zonesWanted = Math.min(wanted, zonesOf([...holders, ...left]).size);
  const ask: NodeId[] = [];
  while (left.length > 0 && (placed.length < wanted || zonesOf(placed).size < zonesWanted)) {
    const next = bestOf(left, zonesOf(placed));
    left.splice(left.indexOf(next), 1);
    placed.push(next);
    ask.push(next.id);
  }
  return { ask, drop: ask.length > 0 ? undefined : surplus(holders, wanted, zonesWanted) };
}

function bestOf(candidates: readonly PlacedNode[], taken: ReadonlySet<string | undefined>): PlacedNode {
  const elsewhere = candidates.filter(({ zone }) => !taken.has(zone));
  const pool = elsewhere.length > 0 ? elsewhere : candidates;
  // The first of equals is the best placed.
  return pool.reduce((best, node) => (share(node) < share(best) ? node : best));
}

/** The replica to give up first: in the zone with the most copies, of the node that keeps the most. */
function surplus(holders: readonly PlacedHolder[], wanted: number, zonesWanted: number): NodeId | undefined {
  if (holders.length <= wanted) return undefined;
  const copies = new Map<string | undefined, number>();
  for (const { zone } of holders) copies.set(zone, (copies.get(zone) ?? 0) + 1);
  const copiesBeside = ({ zone }: PlacedHolder) => copies.get(zone) ?? 0;
  const zonesWithout = (holder: PlacedHolder) => copies.size - (copiesBeside(holder) === 1 ? 1 : 0);
  const [worst] = holders
    .filter((holder) => holder.droppable && zonesWithout(holder) >= zonesWanted)
    .sort((a, b) => copiesBeside(b) - copiesBeside(a) || share(b) - share(a) || (a.id < b.id ? 1 : -1));
  return worst?.id;
}

function share({ keptBytes }: PlacedNode): number {
  return Math.floor(keptBytes / SPREAD_BYTES);
}

function zonesOf(nodes: readonly PlacedNode[]): Set<string | undefined> {
  return new Set(nodes.map(({ zone }) => zone));
}
