import type { Clock, NodeId, Timer } from '../../kernel/index.ts';
import type { NodeRecord } from '../records.ts';

interface Suspicion {
  readonly incarnation: number;
  readonly timer: Timer;
}

export interface SuspicionsOptions {
  readonly clock: Clock;
  /** The time of a suspicion is over, and the node did not refute it. `isOwn`: whether this node was the one that could not reach it. */
  readonly onConfirmed: (record: NodeRecord, isOwn: boolean) => void;
}

/**
 * Nodes that somebody could not reach, each until it says with a higher incarnation that it lives, or its time is over: SWIM's suspicion
 * before death (Das, Gupta and Motivala 2002, section 4.2).
 */
export class Suspicions {
  readonly #options: SuspicionsOptions;
  readonly #suspected = new Map<NodeId, Suspicion>();
  #isClosed = false;

  constructor(options: SuspicionsOptions) {
    this.#options = options;
  }

  has(id: NodeId): boolean {
    return this.#suspected.has(id);
  }

  /** Suspects a node under its incarnation, for so many ms; false where that is no news, or nobody wants to know any more. */
  raise(record: NodeRecord, withinMs: number, isOwn: boolean): boolean {
    const { id, incarnation } = record;
    const known = this.#suspected.get(id);
    if (this.#isClosed || (known !== undefined && known.incarnation >= incarnation)) return false;
    this.clear(id);
    const timer = this.#options.clock.setTimer(withinMs, () => {
      this.#suspected.delete(id);
      this.#options.onConfirmed(record, isOwn);
    });
    this.#suspected.set(id, { incarnation, timer });
    return true;
  }

  /** What becomes of a node is known. */
  clear(id: NodeId): void {
    this.#suspected.get(id)?.timer.cancel();
    this.#suspected.delete(id);
  }

  /** Forgets all, and takes in nothing more. */
  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#suspected.values()) timer.cancel();
    this.#suspected.clear();
  }
}
