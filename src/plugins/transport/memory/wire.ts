import type { Address } from '../../../kernel/index.ts';

/** Which links carry, and who is told when one carries again. */
export interface Links {
  carries(from: Address, to: Address): boolean;
  /** Flushes the wire as soon as its link carries again. */
  hold(wire: Wire): void;
}

/**
 * One direction of a link: what is sent arrives later, in order. While the link is cut nothing arrives; once it is mended what was
 * held goes on, as a reliable transport would have sent it again.
 */
export class Wire {
  readonly from: Address;
  readonly to: Address;
  readonly #links: Links;
  #underway: (() => void)[] = [];
  #scheduled = false;

  constructor(links: Links, from: Address, to: Address) {
    this.#links = links;
    this.from = from;
    this.to = to;
  }

  /** Has `deliver` called at the other end; never before this call returns. */
  send(deliver: () => void): void {
    this.#underway.push(deliver);
    this.flush();
  }

  /** Lets go what is underway, if the link carries. */
  flush(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A promise, not queueMicrotask, which costs three times as much. What it calls throws nothing.
    void Promise.resolve().then(() => this.#arrive());
  }

  #arrive(): void {
    this.#scheduled = false;
    if (!this.#links.carries(this.from, this.to)) {
      this.#links.hold(this);
      return;
    }
    const arriving = this.#underway;
    this.#underway = [];
    for (const deliver of arriving) deliver();
  }
}
