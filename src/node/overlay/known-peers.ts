import type { Address, Clock, NodeId, NodeIndex } from '../../kernel/index.ts';
import type { NodeRecord } from '../records.ts';

/** Peers remembered for the next start. */
const REMEMBERED = 16;

interface StoredPeer {
  readonly address: Address;
  /** Wall time in ms when it was last a neighbour. */
  readonly seen: number;
}

/** The neighbours a node had, kept on disk so that it finds its network again after a restart. */
export class KnownPeers {
  readonly #store;
  readonly #clock: Clock;

  constructor(options: { readonly index: NodeIndex; readonly clock: Clock }) {
    this.#store = options.index.sublevel<NodeId, StoredPeer>('peers', { valueEncoding: 'json' });
    this.#clock = options.clock;
  }

  /** Remembers a neighbour. */
  async remember({ id, address }: NodeRecord): Promise<void> {
    if (address !== '') await this.#store.put(id, { address, seen: this.#clock.wallTime() });
  }

  /** The last neighbours, latest first; older ones are forgotten. */
  async recent(): Promise<{ readonly id: NodeId; readonly address: Address }[]> {
    const all = await this.#store.iterator().all();
    const latestFirst = all.sort(([, a], [, b]) => b.seen - a.seen);
    const forgotten = latestFirst.slice(REMEMBERED).map(([id]) => ({ type: 'del' as const, key: id }));
    await this.#store.batch(forgotten);
    return latestFirst.slice(0, REMEMBERED).map(([id, { address }]) => ({ id, address }));
  }
}
