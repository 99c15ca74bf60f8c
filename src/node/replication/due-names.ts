import type { Clock, Random } from '../../kernel/index.ts';

export interface DueNamesOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** Time between two turns, in ms, with up to a quarter more or less: nodes that hear the same at once do not act at once. */
const TURN_MS = 1_000;
const LONGEST_TURN_MS = 1.25 * TURN_MS;

/** Names that have to be looked at: soon, or at a time. What is noticed is left at rest for a turn, since more often follows. */
export class DueNames {
  /** A turn that is set for within so many milliseconds is soon enough for anything. */
  static readonly LONGEST_TURN_MS = LONGEST_TURN_MS;

  readonly #options: DueNamesOptions;
  #fresh = new Set<string>();
  readonly #ready = new Set<string>();
  /** name -> when, by the clock. */
  readonly #later = new Map<string, number>();

  constructor(options: DueNamesOptions) {
    this.#options = options;
  }

  add(name: string): void {
    if (!this.#ready.has(name)) this.#fresh.add(name);
  }

  /** Of two times for a name the sooner holds. */
  addLater(name: string, delayMs: number): void {
    const at = this.#options.clock.now() + Math.max(0, delayMs);
    this.#later.set(name, Math.min(at, this.#later.get(name) ?? Infinity));
  }

  /** In how many milliseconds the next turn is due; `undefined` where nothing is. */
  nextInMs(): number | undefined {
    const { clock, random } = this.#options;
    const turnMs = LONGEST_TURN_MS - (random.fraction() * TURN_MS) / 2;
    if (this.#fresh.size + this.#ready.size > 0) return turnMs;
    if (this.#later.size === 0) return undefined;
    let first = Infinity;
    for (const at of this.#later.values()) first = Math.min(first, at);
    return Math.max(turnMs, first - clock.now());
  }

  /** What is to be looked at now, at most so many. */
  take(limit: number): string[] {
    const now = this.#options.clock.now();
    for (const [name, at] of this.#later) {
      if (at > now) continue;
      this.#later.delete(name);
      this.#ready.add(name);
    }
    const names: string[] = [];
    for (const name of this.#ready) {
      if (names.length === limit) break;
      this.#ready.delete(name);
      names.push(name);
    }
    for (const name of this.#fresh) this.#ready.add(name);
    this.#fresh = new Set();
    return names;
  }
}
