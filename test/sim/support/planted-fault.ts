import { AbsentPeers } from '../../../src/node/overlay/absent-peers.ts';

/** Heartbeats by which the fault is late: longer than a silence lasts until the silent node is declared gone. */
const LATE_BEATS = 12;

/**
 * Runs something while every node has a fault of order in its healing: that a node is there is entered into the list of those to look for only some heartbeats
 * later, after whatever has happened to it since. Whoever comes and is lost soon after is then looked for by nobody.
 */
export async function withFaultOfOrder<T>(work: () => Promise<T>): Promise<T> {
  const { remove, beat } = AbsentPeers.prototype;
  const waiting = new WeakMap<AbsentPeers, { readonly id: string; beats: number }[]>();
  AbsentPeers.prototype.remove = function (this: AbsentPeers, id) {
    waiting.set(this, [...(waiting.get(this) ?? []), { id, beats: LATE_BEATS }]);
  };
  AbsentPeers.prototype.beat = function (this: AbsentPeers) {
    const entries = waiting.get(this) ?? [];
    for (const entry of entries) if (--entry.beats === 0) remove.call(this, entry.id);
    waiting.set(
      this,
      entries.filter(({ beats }) => beats > 0),
    );
    beat.call(this);
  };
  try {
    return await work();
  } finally {
    Object.assign(AbsentPeers.prototype, { remove, beat });
  }
}
