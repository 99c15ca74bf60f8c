import { z } from 'zod';
import type { Address, Clock, NodeId, NodeIndex } from '../../kernel/index.ts';
import type { NodeRecord } from '../records.ts';

/** Peers remembered for the next start. */
const REMEMBERED = 16;

const storedPeer = z.object({
  address: z.string(),
  /** Wall time in ms when it was last a neighbour. */
  seen: z.number(),
});

type StoredPeer = Readonly<z.output<typeof storedPeer>>;

/** The neighbours a node had, kept on disk so that it finds its network again after a restart. */
export class KnownPeers {
  readonly #store;
  readonly #clock: Clock;

  constructor(options: { readonly index: NodeIndex; readonly clock: Clock }) {
    this.#store = options.index.sublevel<NodeId, unknown>('peers', { valueEncoding: 'json' });
    this.#clock = options.clock;
  }

  /** Remembers a neighbour. */
  async remember({ id, address }: NodeRecord): Promise<void> {
    if (address !== '') await this.#store.put(id, { address, seen: this.#clock.wallTime() });
  }

  /** The last neighbours, latest first; older ones are forgotten. */
  async recent(): Promise<{ readonly id: NodeId; readonly address: Address }[]> {
    const peers: [NodeId, StoredPeer][] = [];
    const forgotten: NodeId[] = [];
    for (const [id, row] of await this.#store.iterator().all()) {
      const peer = storedPeer.safeParse(row).data;
      if (peer === undefined) forgotten.push(id);
      else peers.push([id, peer]);
    }
    const latestFirst = peers.sort(([, a], [, b]) => b.seen - a.seen);
    forgotten.push(...latestFirst.splice(REMEMBERED).map(([id]) => id));
    await this.#store.batch(forgotten.map((key) => ({ type: 'del' as const, key })));
    return latestFirst.map(([id, { address }]) => ({ id, address }));
  }
}
