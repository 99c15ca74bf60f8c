import type { Clock, NodeId, Timer } from '../../kernel/index.ts';
import type { NodeRecord } from '../records.ts';

interface Suspicion {
  readonly incarnation: number;
  readonly timer: Timer;
}

/** A suspicion whose time is over, and which the node did not refute. */
export interface ConfirmedSuspicion {
  readonly record: NodeRecord;
  /** Whether this node was the one that could not reach it. */
  readonly isOwn: boolean;
  /** When it was raised, by the clock. */
  readonly raisedAt: number;
}

export interface SuspicionsOptions {
  readonly clock: Clock;
  readonly onConfirmed: (confirmed: ConfirmedSuspicion) => void;
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
    const { clock, onConfirmed } = this.#options;
    const raisedAt = clock.now();
    const timer = clock.setTimer(withinMs, () => {
      this.#suspected.delete(id);
      onConfirmed({ record, isOwn, raisedAt });
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
