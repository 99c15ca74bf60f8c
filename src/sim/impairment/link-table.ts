import type { Clock } from '../../kernel/index.ts';
import { childRandom } from '../child-seed.ts';
import { Link } from './link.ts';
import type { LinkConditions } from './link-conditions.ts';

/** A host, or whatever else the ends of links are told apart by. */
export type Place = string;

/** The links between places. */
export interface Links {
  /** The direction of the link that leads from one place to another; always the same one. */
  between(from: Place, to: Place): Link;
}

export interface LinkTableOptions {
  readonly clock: Clock;
  /** What chance does on each link comes of this number and the link's two places alone. */
  readonly seed: number;
  /** Conditions of a link that nobody has set others for. */
  readonly conditions?: ((from: Place, to: Place) => LinkConditions | undefined) | undefined;
}

/** Links made when they are first used. A link carries where it is not cut and neither of its ends is down. */
export class LinkTable implements Links {
  readonly #options: LinkTableOptions;
  readonly #links = new Map<string, { readonly from: Place; readonly to: Place; readonly link: Link }>();
  /** How often each pair was cut and not mended yet. */
  readonly #cuts = new Map<string, number>();
  /** When each pair was last mended. */
  readonly #mended = new Map<string, number>();
  readonly #down = new Set<Place>();

  constructor(options: LinkTableOptions) {
    this.#options = options;
  }

  between(from: Place, to: Place): Link {
    const key = `${from}>${to}`;
    const found = this.#links.get(key);
    if (found !== undefined) return found.link;
    const { clock, seed, conditions } = this.#options;
    const link = new Link({ clock, random: childRandom(seed, `link ${key}`), conditions: conditions?.(from, to) });
    if (!this.#carries(from, to)) link.cut();
    this.#links.set(key, { from, to, link });
    return link;
  }

  /** Sets anew what all links do that are there, after what `conditions` says has changed. */
  refresh(): void {
    const { conditions } = this.#options;
    for (const { from, to, link } of this.#links.values()) {
      const found = conditions?.(from, to);
      if (found !== undefined) link.set(found);
    }
  }

  /** Cuts the two off from each other, in both directions. Cuts count: what is cut twice is mended twice. */
  cut(a: Place, b: Place): void {
    this.#count(a, b, 1);
  }

  /** Undoes one `cut` of the two. */
  mend(a: Place, b: Place): void {
    this.#count(a, b, -1);
  }

  /** Undoes every cut. What is down stays down. */
  mendAll(): void {
    for (const pair of this.#cuts.keys()) this.#mended.set(pair, this.#options.clock.now());
    this.#cuts.clear();
    for (const { from, to, link } of this.#links.values()) if (this.#carries(from, to)) link.open();
  }

  /** When the two were last cut off from each other, by the clock: now, where they are; -Infinity where they never were. */
  lastCut(a: Place, b: Place): number {
    return this.isCut(a, b) ? this.#options.clock.now() : (this.#mended.get(pairOf(a, b)) ?? -Infinity);
  }

  /** Whether the two are cut off from each other; whether they are down does not matter. */
  isCut(a: Place, b: Place): boolean {
    return this.#cuts.has(pairOf(a, b));
  }

  /** Nothing comes from the place or reaches it any more: the machine is dead. */
  takeDown(place: Place): void {
    this.#down.add(place);
    this.#apply((from, to) => from === place || to === place);
  }

  /** The machine runs again. */
  bringUp(place: Place): void {
    this.#down.delete(place);
    this.#apply((from, to) => from === place || to === place);
  }

  #count(a: Place, b: Place, change: 1 | -1): void {
    const pair = pairOf(a, b);
    const count = Math.max(0, (this.#cuts.get(pair) ?? 0) + change);
    if (change < 0) this.#mended.set(pair, this.#options.clock.now());
    if (count === 0) this.#cuts.delete(pair);
    else this.#cuts.set(pair, count);
    this.#apply((from, to) => pairOf(from, to) === pair);
  }

  #apply(concerns: (from: Place, to: Place) => boolean): void {
    for (const { from, to, link } of this.#links.values()) {
      if (!concerns(from, to)) continue;
      if (this.#carries(from, to)) link.open();
      else link.cut();
    }
  }

  #carries(from: Place, to: Place): boolean {
    return !this.#down.has(from) && !this.#down.has(to) && !this.isCut(from, to);
  }
}

function pairOf(a: Place, b: Place): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
