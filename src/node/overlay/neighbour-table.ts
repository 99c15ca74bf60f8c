import {
  compareNeighbours,
  type NeighbourPriority,
  type NodeId,
  type RankedNeighbour,
  type Settings,
} from '../../kernel/index.ts';
import { scoreParts, totalScore, type ScoreInput, type ScoreParts } from './score.ts';

/** A neighbour is moved in the order only when its score moved by more than this share: small jitter costs no tree work. */
const RESCORE_SHARE = 0.1;

interface Entry {
  readonly ranked: RankedNeighbour;
  readonly parts: ScoreParts;
}

/**
 * Which score each neighbour has, kept in step with the profile's NeighbourPriority. The order decides whom to fetch from, whom to
 * connect to when healing, and whom to drop when there are too many.
 */
export class NeighbourTable implements Iterable<NodeId> {
  readonly #priority: NeighbourPriority;
  readonly #settings: Settings;
  readonly #entries = new Map<NodeId, Entry>();

  constructor(options: { readonly priority: NeighbourPriority; readonly settings: Settings }) {
    this.#priority = options.priority;
    this.#settings = options.settings;
  }

  get size(): number {
    return this.#priority.size;
  }

  /** Enters a neighbour, or moves it if its score changed by more than a tenth. */
  update(id: NodeId, input: ScoreInput): void {
    const parts = scoreParts(input, this.#settings);
    const score = totalScore(parts);
    const known = this.#entries.get(id);
    if (known !== undefined && Math.abs(score - known.ranked.score) <= RESCORE_SHARE * known.ranked.score) return;
    if (known !== undefined) this.#priority.remove(known.ranked);
    const ranked = { id, score };
    this.#priority.insert(ranked);
    this.#entries.set(id, { ranked, parts });
  }

  remove(id: NodeId): void {
    const known = this.#entries.get(id);
    if (known === undefined) return;
    this.#priority.remove(known.ranked);
    this.#entries.delete(id);
  }

  /** The score a neighbour stands in the order with, and its parts. */
  scoreOf(id: NodeId): { readonly score: number; readonly parts: ScoreParts } | undefined {
    const known = this.#entries.get(id);
    return known === undefined ? undefined : { score: known.ranked.score, parts: known.parts };
  }

  /** Ids, best first. */
  *[Symbol.iterator](): IterableIterator<NodeId> {
    for (const { id } of this.#priority) yield id;
  }

  /** The given ids, best first; those not in the table keep their order and come last. */
  sort(ids: Iterable<NodeId>): NodeId[] {
    const wanted = [...new Set(ids)];
    const ranked = wanted.map((id) => this.#entries.get(id)?.ranked).filter((each) => each !== undefined);
    const sorted = ranked.sort(compareNeighbours).map(({ id }) => id);
    return [...sorted, ...wanted.filter((id) => !this.#entries.has(id))];
  }
}
