/** A place among the handshakes that go on. */
export interface HandshakeSlot {
  readonly source: string;
  /** Aborts where the slot goes to another. */
  readonly signal: AbortSignal;
  /** The peer's hello was right: the slot stays its own until it is released. */
  keep(): void;
  /** Idempotent. */
  release(): void;
}

export interface HandshakeSlotsOptions {
  /** Slots in all, and of one source. */
  readonly total: number;
  readonly perSource: number;
  /** Why a slot was taken from its holder. */
  readonly taken: (source: string) => Error;
}

interface Holder {
  readonly source: string;
  readonly controller: AbortController;
  kept: boolean;
}

/**
 * Who may be in a handshake with us. Where all slots are held, the newcomer gets that of whoever is silent longest: a crowd that connects and
 * says nothing then costs an honest peer its slot only where the crowd is faster than the peer's hello.
 */
export class HandshakeSlots {
  readonly #options: HandshakeSlotsOptions;
  /** Oldest first. */
  readonly #holders = new Set<Holder>();

  constructor(options: HandshakeSlotsOptions) {
    this.#options = options;
  }

  /** Slots held. */
  get size(): number {
    return this.#holders.size;
  }

  /** A slot for a connection from this source, or `undefined` where all are held by peers whose hello was right. */
  take(source: string): HandshakeSlot | undefined {
    const { total, perSource } = this.#options;
    const ofSource = [...this.#holders].filter((holder) => holder.source === source);
    if (ofSource.length >= perSource && !this.#takeFromOldest(ofSource)) return undefined;
    if (this.#holders.size >= total && !this.#takeFromOldest(this.#holders)) return undefined;
    const holder: Holder = { source, controller: new AbortController(), kept: false };
    this.#holders.add(holder);
    return {
      source,
      signal: holder.controller.signal,
      keep: () => (holder.kept = true),
      release: () => this.#holders.delete(holder),
    };
  }

  /** Takes every slot from its holder. */
  takeAll(reason: Error): void {
    for (const { controller } of this.#holders) controller.abort(reason);
    this.#holders.clear();
  }

  #takeFromOldest(holders: Iterable<Holder>): boolean {
    for (const holder of holders) {
      if (holder.kept) continue;
      this.#holders.delete(holder);
      holder.controller.abort(this.#options.taken(holder.source));
      return true;
    }
    return false;
  }
}
