import type { Logger } from '../../../kernel/index.ts';

/** How often one source is logged. */
const INTERVAL_MS = 60_000;

/** Sources remembered; the rest share one line. Few, since whoever forges sources would fill the log with as many lines a minute. */
const MAX_SOURCES = 16;

const OTHERS = 'others';

/** Datagrams that were dropped: counted, with one log line a source and minute at most, however many there are. */
export class DropLog {
  readonly #logger: Logger;
  readonly #sources = new Map<string, { until: number; since: number }>();
  #dropped = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Datagrams dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @param ip source of the datagram, without its port: floods come from many. */
  add(ip: string, reason: string, now: number): void {
    this.#dropped += 1;
    if (!this.#sources.has(ip) && this.#sources.size >= MAX_SOURCES) this.#forgetOld(now);
    const source = this.#sources.has(ip) || this.#sources.size < MAX_SOURCES ? ip : OTHERS;
    const entry = this.#sources.get(source);
    if (entry !== undefined && now < entry.until) {
      entry.since += 1;
      return;
    }
    this.#sources.set(source, { until: now + INTERVAL_MS, since: 0 });
    this.#logger.warn('mrt.packet.dropped', { code: 'ERR_PACKET', source, reason, unlogged: entry?.since ?? 0 });
  }

  /** Counts a packet to a connection that is no more, which is nothing to tell. */
  countStray(): void {
    this.#dropped += 1;
  }

  #forgetOld(now: number): void {
    for (const [source, { until }] of this.#sources) if (until <= now) this.#sources.delete(source);
  }
}
