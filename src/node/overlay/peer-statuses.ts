import type { PeerStatus } from '../api.ts';
import type { DirectConnections } from './direct-connections.ts';
import type { Membership } from './membership.ts';
import type { NeighbourTable } from './neighbour-table.ts';

export interface PeerStatusSources {
  readonly neighbours: NeighbourTable;
  readonly membership: Membership;
  readonly connections: DirectConnections;
}

/** Every other node that is alive, each once, best first. */
export function peerStatuses({ neighbours, membership, connections }: PeerStatusSources): PeerStatus[] {
  const statuses: PeerStatus[] = [];
  for (const id of neighbours) {
    const record = membership.get(id)?.record;
    const scored = neighbours.scoreOf(id);
    if (record === undefined || scored === undefined) continue;
    const direct = connections.get(id);
    statuses.push({
      id,
      address: record.address,
      direct: direct !== undefined,
      rank: statuses.length + 1,
      score: scored.score,
      parts: scored.parts,
      rttMs: direct?.rtt.smoothedMs ?? null,
      user: direct?.user ?? null,
    });
  }
  return statuses;
}
