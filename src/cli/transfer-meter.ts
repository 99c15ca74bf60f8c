import type { NodeId } from '../kernel/index.ts';
import type { TransferProgress } from '../node/api.ts';

/** How far back the rate looks: short enough to follow a change, long enough to stand still meanwhile. */
const RATE_WINDOW_MS = 5_000;

/** Samples in the window: one for each that is drawn. */
const SAMPLE_MS = 100;

/** Who brought or took nothing for so long does not count as one who does. */
const ACTIVE_MS = 3_000;

interface Sample {
  readonly at: number;
  readonly received: number;
}

/** What a transfer does at the moment. */
export interface TransferFigures {
  readonly progress: TransferProgress;
  /** Bytes a second over the last seconds; `undefined` before it can be told. */
  readonly rate: number | undefined;
  /** Milliseconds to go at that rate; `undefined` where it is unknown or 0. */
  readonly leftMs: number | undefined;
  /** The nodes that bytes came from, or went to, in the last seconds; at least the last of them. */
  readonly peers: readonly NodeId[];
}

/** Measures one transfer from what it tells. What was here when it began is no part of its rate. */
export class TransferMeter {
  /** Oldest first: those within the window, and the last one before it. */
  #samples: Sample[] = [];
  readonly #lastFrom = new Map<NodeId, number>();
  #progress: TransferProgress;

  constructor(progress: TransferProgress, now: number) {
    this.#progress = progress;
    this.take(progress, now);
  }

  take(progress: TransferProgress, now: number): void {
    const { received, source } = progress;
    // What was wrong is discarded: no bytes ran backwards.
    if (received < this.#progress.received) this.#samples = [];
    this.#progress = progress;
    this.#lastFrom.set(source, now);
    const last = this.#samples.at(-1);
    if (last === undefined || now - last.at >= SAMPLE_MS) this.#samples.push({ at: now, received });
    while ((this.#samples[1]?.at ?? Infinity) <= now - RATE_WINDOW_MS) this.#samples.shift();
  }

  /** As it is now: where nothing comes, the rate falls. */
  figures(now: number): TransferFigures {
    const progress = this.#progress;
    const [first] = this.#samples;
    const elapsedMs = now - (first?.at ?? now);
    const rate = elapsedMs > 0 ? ((progress.received - (first?.received ?? 0)) / elapsedMs) * 1_000 : undefined;
    const left = progress.size - progress.received;
    const leftMs = rate === undefined || rate === 0 ? undefined : (left / rate) * 1_000;
    const active = [...this.#lastFrom].filter(([, at]) => now - at < ACTIVE_MS).map(([peer]) => peer);
    return { progress, rate, leftMs, peers: active.length > 0 ? active : [progress.source] };
  }
}
