import type { ErrorCode, Logger } from '../kernel/index.ts';

/** How often one source is logged for one code. */
const INTERVAL_MS = 60_000;

/** Sources and codes remembered; the rest share a line for each code. Few, since whoever forges sources fills the log with as many lines a minute. */
const MAX_ENTRIES = 16;

const OTHERS = 'others';

/** Something that came from a source and was turned away. */
export interface TurnedAway {
  /** Whom it is counted for: an IP address without the port, since floods come from many ports. */
  readonly source: string;
  readonly code: ErrorCode;
  readonly reason: string;
}

/**
 * Warnings about what arrives unasked: one line a source, code and minute at most,
 * which says how many were not logged.
 */
export class SourceLog {
  readonly #logger: Logger;
  readonly #event: string;
  readonly #entries = new Map<string, { until: number; since: number }>();

  /** `event`: the name that each line has. */
  constructor(logger: Logger, event: string) {
    this.#logger = logger;
    this.#event = event;
  }

  /** @param now in milliseconds, of a monotonic clock. */
  add({ source, code, reason }: TurnedAway, now: number): void {
    if (!this.#entries.has(keyOf(source, code)) && this.#entries.size >= MAX_ENTRIES) this.#forgetOld(now);
    const isKept = this.#entries.has(keyOf(source, code)) || this.#entries.size < MAX_ENTRIES;
    const counted = isKept ? source : OTHERS;
    const entry = this.#entries.get(keyOf(counted, code));
    if (entry !== undefined && now < entry.until) {
      entry.since += 1;
      return;
    }
    this.#entries.set(keyOf(counted, code), { until: now + INTERVAL_MS, since: 0 });
    this.#logger.warn(this.#event, { code, source: counted, reason, unlogged: entry?.since ?? 0 });
  }

  #forgetOld(now: number): void {
    for (const [key, { until }] of this.#entries) if (until <= now) this.#entries.delete(key);
  }
}

function keyOf(source: string, code: ErrorCode): string {
  return `${code} ${source}`;
}
