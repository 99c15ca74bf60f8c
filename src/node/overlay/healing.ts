import type { NodeId } from '../../kernel/index.ts';
import { splitAddress } from '../../kit/address-fields.ts';
import type { NodeRecord } from '../records.ts';

/** One connection that healing wants. */
export interface HealingStep {
  readonly target: NodeRecord;
  /** Whether we dial at once; else the other side does, and we only if there is no connection after a while. */
  readonly first: boolean;
}

export interface HealingInput {
  readonly self: NodeRecord;
  /** The direct connections of the node that is gone, as its last heartbeat named them; ourselves among them or not. */
  readonly survivors: readonly NodeRecord[];
  /** Whom we are connected to already. */
  readonly isConnected: (id: NodeId) => boolean;
  /** Ids, best neighbour first. */
  readonly ranked: Iterable<NodeId>;
  /** Survivors up to which all pairs connect, and connections each makes above that. */
  readonly limit: number;
}

/**
 * The documented healing: those who were connected to a node that is gone connect to each other. Up to `limit` survivors all pairs
 * do. Above, each connects to its two successors in the ring of ids, which joins all of them in one ring, and then to its
 * best-ranked others up to `limit`.
 */
export function planHealing(input: HealingInput): HealingStep[] {
  const { self, isConnected, limit } = input;
  const others = [...new Map(input.survivors.map((record) => [record.id, record])).values()].filter(
    ({ id }) => id !== self.id,
  );
  const targets = others.length + 1 <= limit ? others : chooseTargets(self.id, others, input.ranked, limit);
  return targets.filter(({ id }) => !isConnected(id)).map((target) => ({ target, first: dialsFirst(self, target) }));
}

/** Of a pair the one with the higher port dials; where the ports are equal, or there are none, the one with the higher id. */
export function dialsFirst(self: NodeRecord, other: NodeRecord): boolean {
  const [ours, theirs] = [splitAddress(self.address).port, splitAddress(other.address).port];
  return ours === theirs ? self.id > other.id : ours > theirs;
}

function chooseTargets(
  self: NodeId,
  others: readonly NodeRecord[],
  ranked: Iterable<NodeId>,
  limit: number,
): NodeRecord[] {
  const ring = [...others].sort((a, b) => (a.id < b.id ? -1 : 1));
  const after = ring.findIndex(({ id }) => id > self);
  const start = after === -1 ? 0 : after;
  const chosen = new Map<NodeId, NodeRecord>();
  for (const offset of [0, 1]) {
    const successor = ring[(start + offset) % ring.length];
    if (successor !== undefined) chosen.set(successor.id, successor);
  }
  const byId = new Map(others.map((record) => [record.id, record]));
  for (const id of ranked) {
    if (chosen.size >= limit) break;
    const record = byId.get(id);
    if (record !== undefined) chosen.set(id, record);
  }
  return [...chosen.values()];
}
