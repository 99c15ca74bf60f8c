import type { NodeId } from './session.ts';

/** A neighbour and its score; lower is better. */
export interface RankedNeighbour {
  /** Finite. */
  readonly score: number;
  readonly id: NodeId;
}

/**
 * An ordered set of (score, id), best first: by score, then by id as text (code units). Which score a neighbour has is the
 * caller's affair; to change it, remove the old pair and insert the new one. Iteration is lazy, in order, and without recursion;
 * it may be stopped at any point. Changing the set while iterating is not supported.
 */
export interface NeighbourPriority extends Iterable<RankedNeighbour> {
  readonly size: number;
  /** Adds the pair; false where it was there. Throws RangeError where the score is not finite. */
  insert(neighbour: RankedNeighbour): boolean;
  /** Removes the pair (both score and id must match); false where it was not there. */
  remove(neighbour: RankedNeighbour): boolean;
  /** Whether the pair (both score and id) is there. */
  has(neighbour: RankedNeighbour): boolean;
}

/** The order every NeighbourPriority keeps. Negative where `a` comes first. */
export function compareNeighbours(a: RankedNeighbour, b: RankedNeighbour): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
