import { compareNeighbours, type NeighbourPriority, type RankedNeighbour } from '../../kernel/index.ts';

/**
 * An array kept in order by binary search: the simplest thing that works, to see from where on anything else pays. It keeps the objects it
 * is given, which the contract forbids a plugin: as a reference it is spared the copy.
 */
export class SortedArray implements NeighbourPriority {
  readonly #entries: RankedNeighbour[] = [];

  get size(): number {
    return this.#entries.length;
  }

  insert(neighbour: RankedNeighbour): boolean {
    if (!Number.isFinite(neighbour.score)) throw new RangeError(`the score of ${neighbour.id} is not finite`);
    const place = this.#placeOf(neighbour);
    if (this.#isAt(place, neighbour)) return false;
    this.#entries.splice(place, 0, neighbour);
    return true;
  }

  remove(neighbour: RankedNeighbour): boolean {
    const place = this.#placeOf(neighbour);
    if (!this.#isAt(place, neighbour)) return false;
    this.#entries.splice(place, 1);
    return true;
  }

  has(neighbour: RankedNeighbour): boolean {
    return this.#isAt(this.#placeOf(neighbour), neighbour);
  }

  [Symbol.iterator](): Iterator<RankedNeighbour> {
    return this.#entries.values();
  }

  #isAt(place: number, neighbour: RankedNeighbour): boolean {
    const found = this.#entries[place];
    return found !== undefined && compareNeighbours(found, neighbour) === 0;
  }

  #placeOf(neighbour: RankedNeighbour): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareNeighbours(this.#entries[middle] as RankedNeighbour, neighbour) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
