import { KernelError, type NodeId, type Settings } from '../../kernel/index.ts';
import type { DirectConnection } from './direct-connection.ts';

/** The direct connections of a node: one for each peer, as many as the profile allows. */
export class DirectConnections implements Iterable<DirectConnection> {
  readonly #self: NodeId;
  readonly #settings: Pick<Settings, 'directConnections' | 'recoveryConnections'>;
  readonly #connections = new Map<NodeId, DirectConnection>();

  constructor(options: {
    readonly self: NodeId;
    readonly settings: Pick<Settings, 'directConnections' | 'recoveryConnections'>;
  }) {
    this.#self = options.self;
    this.#settings = options.settings;
  }

  get size(): number {
    return this.#connections.size;
  }

  get(peer: NodeId): DirectConnection | undefined {
    return this.#connections.get(peer);
  }

  /** Whether a neighbour that was heard since a time by the clock names a node, which is another, among those it hears. */
  isNamed(id: NodeId, since: number): boolean {
    return [...this].some(
      ({ peer, lastHeard, lastHeartbeat }) =>
        peer !== id && lastHeard >= since && lastHeartbeat?.some((named) => named.id === id) === true,
    );
  }

  /** Whether one more would be over the limit. Healing may go beyond it; a second connection to one peer replaces the first. */
  isFull(peer: NodeId, recovery: boolean): boolean {
    const { directConnections, recoveryConnections } = this.#settings;
    return !this.#connections.has(peer) && this.size >= directConnections + (recovery ? recoveryConnections : 0);
  }

  /** How many there are beyond the limit. */
  get surplus(): number {
    return Math.max(0, this.size - this.#settings.directConnections);
  }

  /**
   * Whether a new connection to a peer stands against the one there is. A peer that was restarted has a higher incarnation, and its old
   * connection is dead. Else, of two the one dialled by the higher id stays, so that both ends choose alike; of two that the same side
   * dialled the later one, since its dialler has given up the first.
   */
  prevails(candidate: { readonly peer: NodeId; readonly dialled: boolean; readonly incarnation: number }): boolean {
    const existing = this.#connections.get(candidate.peer);
    if (existing === undefined || candidate.incarnation > existing.record.incarnation) return true;
    return existing.dialled === candidate.dialled || candidate.dialled === this.#self > candidate.peer;
  }

  /** Enters a connection; the one it replaces is retired. */
  add(connection: DirectConnection): void {
    const replaced = this.#connections.get(connection.peer);
    this.#connections.set(connection.peer, connection);
    replaced?.retire(
      new KernelError('ERR_DUPLICATE_CONNECTION', 'another connection to the same peer replaces this one'),
    );
  }

  /** Takes a connection out; false where it was replaced meanwhile. */
  remove(connection: DirectConnection): boolean {
    if (this.#connections.get(connection.peer) !== connection) return false;
    return this.#connections.delete(connection.peer);
  }

  [Symbol.iterator](): IterableIterator<DirectConnection> {
    return this.#connections.values();
  }
}
