import type { Clock, NodeId, Random } from '../../kernel/index.ts';

export interface PeerBackoffOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** How long a node is left alone, in ms, at first and at most: one that refused, and one that only had no room at that moment. */
const REFUSED = { firstMs: 30_000, longestMs: 60 * 60 * 1000 };
const FULL = { firstMs: 1_000, longestMs: 30_000 };

interface Pause {
  readonly waitMs: number;
  readonly until: number;
}

/** Nodes that refused to keep something, or one content only (then the key names both), and until when they are not asked again: twice as long each time, and a part of it by chance. */
export class PeerBackoff {
  readonly #options: PeerBackoffOptions;
  readonly #pauses = new Map<string, Pause>();

  constructor(options: PeerBackoffOptions) {
    this.#options = options;
  }

  isPaused(peer: string): boolean {
    const pause = this.#pauses.get(peer);
    return pause !== undefined && this.#options.clock.now() < pause.until;
  }

  /** When the first pause ends that is still to end, by the clock; `undefined` where there is none. */
  get nextEnd(): number | undefined {
    const now = this.#options.clock.now();
    const ends = [...this.#pauses.values()].map(({ until }) => until).filter((until) => until > now);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  refused(peer: string): void {
    this.#pause(peer, REFUSED);
  }

  /** It has no room now. */
  full(peer: NodeId): void {
    this.#pause(peer, FULL);
  }

  /** It keeps something, or is there anew, or is gone. */
  forget(peer: NodeId): void {
    for (const key of [...this.#pauses.keys()]) if (key.startsWith(peer)) this.#pauses.delete(key);
  }

  #pause(peer: string, { firstMs, longestMs }: typeof REFUSED): void {
    const { clock, random } = this.#options;
    // Of what was asked for at the same time the first answer counts.
    if (this.isPaused(peer)) return;
    const before = this.#pauses.get(peer)?.waitMs ?? 0;
    const waitMs = Math.min(Math.max(firstMs, before * 2), longestMs);
    this.#pauses.set(peer, { waitMs, until: clock.now() + waitMs * (1 + random.fraction() / 4) });
  }
}
