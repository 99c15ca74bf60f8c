/** Hellos remembered: more than a network dials in days, in a few hundred bytes each at most. */
const DEFAULT_LIMIT = 16_384;

/**
 * The tags of the hellos that were right and came lately. An honest dialler makes each hello once; one that comes again was recorded on its way, and
 * must not get what the right tag gets: a place of its own among the handshakes, and work on the curve.
 */
export class SeenHellos {
  readonly #limit: number;
  /** In hex, oldest first. */
  readonly #tags = new Set<string>();

  constructor(limit = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /** Enters the tag of a hello that was right; false where it is known. The oldest is forgotten for it. */
  add(tag: Uint8Array): boolean {
    const text = Buffer.from(tag).toString('hex');
    if (this.#tags.has(text)) return false;
    this.#tags.add(text);
    const [oldest] = this.#tags;
    if (this.#tags.size > this.#limit && oldest !== undefined) this.#tags.delete(oldest);
    return true;
  }
}
