import type { Clock, NodeId, Settings } from '../../kernel/index.ts';
import type { NodeRecord } from '../records.ts';

interface Dispute {
  readonly record: NodeRecord;
  /** By the clock, when those who hear the node are believed for good. */
  readonly until: number;
}

export interface DisputedLeftsOptions {
  readonly clock: Clock;
  readonly settings: Pick<Settings, 'deadMs'>;
  /** Whether a neighbour says that it hears the node. */
  readonly isHeardOf: (id: NodeId) => boolean;
  /** Nobody says so any more. */
  readonly onGone: (record: NodeRecord) => void;
}

/**
 * Nodes that somebody declared gone while a neighbour says that it hears them, as after a cut between two parts of the network. Who hears a
 * node knows better than who repeats what others said, so the word waits until no neighbour hears the node any more, or the node refutes it.
 */
export class DisputedLefts {
  readonly #options: DisputedLeftsOptions;
  readonly #disputes = new Map<NodeId, Dispute>();

  constructor(options: DisputedLeftsOptions) {
    this.#options = options;
  }

  /** Enters what was said of a node under its incarnation; false where that is no news. */
  enter(record: NodeRecord): boolean {
    if (this.has(record)) return false;
    const { clock, settings } = this.#options;
    this.#disputes.set(record.id, { record, until: clock.now() + settings.deadMs });
    return true;
  }

  /** Whether the same was said before. */
  has({ id, incarnation }: NodeRecord): boolean {
    return incarnation <= (this.#disputes.get(id)?.record.incarnation ?? -1);
  }

  /** What became of a node is known. */
  clear(id: NodeId): void {
    this.#disputes.delete(id);
  }

  /** Looks who is heard of still. */
  settle(): void {
    const { clock, isHeardOf, onGone } = this.#options;
    for (const [id, { record, until }] of this.#disputes) {
      const isHeard = isHeardOf(id);
      if (isHeard && clock.now() < until) continue;
      this.#disputes.delete(id);
      if (!isHeard) onGone(record);
    }
  }
}
