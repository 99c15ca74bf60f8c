import type { NodeId } from '../../kernel/index.ts';
import { halfSipHash52, type HalfSipKey } from '../../kit/half-sip-hash.ts';
import type { FileStatement, NodeRecord } from '../records.ts';

/**
 * The keys of what a node knows, under the seed of one comparison: of the record of a node, told by its id, its incarnation and whether it has an
 * address; and of a statement, told by its origin and its stamp. Since each comparison has a seed of its own, nobody can make up
 * names whose keys collide.
 */
export class ItemKeys {
  readonly #key: HalfSipKey;
  readonly #nodeWords = new Uint32Array(7);
  readonly #statementWords = new Uint32Array(8);
  #origin: NodeId = '';

  /** @param seed 16 hex digits. */
  constructor(seed: string) {
    this.#key = [parseInt(seed.slice(0, 8), 16), parseInt(seed.slice(8), 16)];
  }

  ofNode({ id, incarnation, address }: NodeRecord): number {
    const words = this.#nodeWords;
    setId(words, id);
    setNumber(words, 4, incarnation);
    words[6] = address === '' ? 0 : 1;
    return halfSipHash52(this.#key, words);
  }

  /** Fastest where the statements of one origin come one after the other. */
  ofStatement({ origin, incarnation, sequence }: FileStatement): number {
    const words = this.#statementWords;
    if (origin !== this.#origin) setId(words, origin);
    this.#origin = origin;
    setNumber(words, 4, incarnation);
    setNumber(words, 6, sequence);
    return halfSipHash52(this.#key, words);
  }
}

function setId(words: Uint32Array, id: NodeId): void {
  for (let index = 0; index < 4; index++) words[index] = parseInt(id.slice(8 * index, 8 * index + 8), 16);
}

function setNumber(words: Uint32Array, index: number, value: number): void {
  words[index] = value % 2 ** 32;
  words[index + 1] = Math.floor(value / 2 ** 32);
}
