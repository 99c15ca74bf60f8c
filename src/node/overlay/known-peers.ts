import { z } from 'zod';
import type { Address, Clock, NodeId, NodeIndex } from '../../kernel/index.ts';
import type { NodeRecord } from '../records.ts';

/** Peers remembered for the next start. */
const REMEMBERED = 64;

const storedPeer = z.object({
  address: z.string(),
  /** Wall time in ms when it was last a neighbour, or heard of. */
  seen: z.number(),
  /** Whether it was a neighbour: of these it is known that this node reaches them. */
  neighbour: z.boolean().default(true),
});

type StoredPeer = Readonly<z.output<typeof storedPeer>>;

/**
 * The neighbours a node had, and others beside them, kept on disk so that it finds its network again after a restart: also where all who were
 * its neighbours are gone.
 */
export class KnownPeers {
  readonly #store;
  readonly #clock: Clock;
  /** What is in the store, since it was read. */
  readonly #peers = new Map<NodeId, StoredPeer>();

  constructor(options: { readonly index: NodeIndex; readonly clock: Clock }) {
    this.#store = options.index.sublevel<NodeId, unknown>('peers', { valueEncoding: 'json' });
    this.#clock = options.clock;
  }

  /** Remembers a neighbour. */
  async remember({ id, address }: NodeRecord): Promise<void> {
    if (address === '') return;
    const peer = { address, seen: this.#clock.wallTime(), neighbour: true };
    this.#peers.set(id, peer);
    await this.#store.put(id, peer);
  }

  /** Remembers members, so far as there is room: neighbours stay, and so does whoever is a member still. */
  async rememberAll(members: readonly NodeRecord[], isMember: (id: NodeId) => boolean): Promise<void> {
    const dispensable = [...this.#peers].filter(([id, { neighbour }]) => !neighbour && !isMember(id)).map(([id]) => id);
    const changes: Change[] = [];
    for (const { id, address } of members) {
      const known = this.#peers.get(id);
      if (address === '' || known?.address === address) continue;
      if (known === undefined && this.#peers.size >= REMEMBERED) {
        const key = dispensable.shift();
        if (key === undefined) break;
        this.#peers.delete(key);
        changes.push({ type: 'del', key });
      }
      const value = { address, seen: this.#clock.wallTime(), neighbour: known?.neighbour ?? false };
      this.#peers.set(id, value);
      changes.push({ type: 'put', key: id, value });
    }
    await this.#store.batch(changes);
  }

  /** Those remembered, the last neighbours first; whoever is too many is forgotten. Before anything is remembered. */
  async recent(): Promise<{ readonly id: NodeId; readonly address: Address }[]> {
    const peers: [NodeId, StoredPeer][] = [];
    const forgotten: NodeId[] = [];
    for (const [id, row] of await this.#store.iterator().all()) {
      const peer = storedPeer.safeParse(row).data;
      if (peer === undefined) forgotten.push(id);
      else peers.push([id, peer]);
    }
    const best = peers.sort(([, a], [, b]) => Number(b.neighbour) - Number(a.neighbour) || b.seen - a.seen);
    forgotten.push(...best.splice(REMEMBERED).map(([id]) => id));
    for (const [id, peer] of best) this.#peers.set(id, peer);
    await this.#store.batch(forgotten.map((key) => ({ type: 'del' as const, key })));
    return best.map(([id, { address }]) => ({ id, address }));
  }
}

type Change =
  | { readonly type: 'del'; readonly key: NodeId }
  | { readonly type: 'put'; readonly key: NodeId; readonly value: StoredPeer };
