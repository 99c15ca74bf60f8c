import type { Clock, NodeId, Settings } from '../../kernel/index.ts';

/** How long a node may go without a word of its own, whoever names it in a heartbeat: what neighbours say may be wrong. */
const OWN_WORD_MS = 10 * 60_000;
/** A node that answers though it cannot be dialled is asked again after twice the time, and up to so many times the first. */
const MAX_PATIENCE = 64;

interface Signs {
  heardAt: number;
  vouchedAt: number;
  patience: number;
}

/**
 * When each member was last known to live. A connection has its heartbeats; of all others somebody has to vouch, or they are asked: so
 * nobody stays in the table who died with all its neighbours, or never was.
 */
export class SignsOfLife {
  readonly #clock: Clock;
  readonly #deadMs: number;
  readonly #signs = new Map<NodeId, Signs>();

  constructor({ clock, settings }: { readonly clock: Clock; readonly settings: Pick<Settings, 'deadMs'> }) {
    this.#clock = clock;
    this.#deadMs = settings.deadMs;
  }

  /** A node has joined. */
  enter(id: NodeId): void {
    const now = this.#clock.now();
    this.#signs.set(id, { heardAt: now, vouchedAt: now, patience: 1 });
  }

  /** A node is gone. */
  forget(id: NodeId): void {
    this.#signs.delete(id);
  }

  /** The node proved itself to us, in a session. */
  heard(id: NodeId, at = this.#clock.now()): void {
    const signs = this.#signs.get(id);
    if (signs === undefined || at <= signs.heardAt) return;
    signs.heardAt = at;
    signs.patience = 1;
  }

  /** The node said by way of others that it lives: a higher incarnation is its own. */
  answered(id: NodeId): void {
    const signs = this.#signs.get(id);
    if (signs === undefined) return;
    signs.heardAt = this.#clock.now();
    signs.patience = Math.min(MAX_PATIENCE, 2 * signs.patience);
  }

  /** A neighbour says it has a connection to the node. */
  vouched(id: NodeId, at: number): void {
    const signs = this.#signs.get(id);
    if (signs !== undefined) signs.vouchedAt = Math.max(signs.vouchedAt, at);
  }

  /** When the node last gave a sign of its own, by the clock; -Infinity where it is no member. */
  heardAt(id: NodeId): number {
    return this.#signs.get(id)?.heardAt ?? -Infinity;
  }

  /** Whether nobody has vouched for the node for as long as a silence may last. */
  isOverdue(id: NodeId): boolean {
    const signs = this.#signs.get(id);
    if (signs === undefined) return false;
    const unvouchedMs = this.#clock.now() - Math.max(signs.heardAt, signs.vouchedAt);
    return unvouchedMs >= signs.patience * this.#deadMs || this.isMute(id);
  }

  /** Whether the node has not said a word of its own for so long that whoever names it may be wrong. */
  isMute(id: NodeId): boolean {
    const signs = this.#signs.get(id);
    return signs !== undefined && this.#clock.now() - signs.heardAt >= signs.patience * OWN_WORD_MS;
  }
}
