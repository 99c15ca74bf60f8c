import { RttEstimator } from '../../kit/rtt-estimator.ts';
import type { HeartbeatTimes } from '../messages/heartbeat-frames.ts';

/** Measures the round-trip time of one connection on its heartbeats. All times in ms of the own clock. */
export class HeartbeatTiming {
  readonly rtt = new RttEstimator();
  readonly #maxSampleMs: number;
  #last: { readonly stamp: number; readonly at: number } | undefined;

  /** `maxSampleMs`: what no round trip on a connection that lives can take. */
  constructor(maxSampleMs: number) {
    this.#maxSampleMs = maxSampleMs;
  }

  /** What a heartbeat says that is sent now. */
  times(now: number): HeartbeatTimes {
    const last = this.#last;
    return {
      stamp: Math.floor(now),
      echo: last?.stamp ?? -1,
      heldMs: last === undefined ? 0 : Math.floor(now - last.at),
    };
  }

  /** A heartbeat came. */
  receive({ stamp, echo, heldMs }: HeartbeatTimes, now: number): void {
    this.#last = { stamp, at: now };
    if (echo < 0) return;
    const sampleMs = now - echo - heldMs;
    // A peer can lie about both numbers; a sample outside what a live connection allows says nothing.
    if (sampleMs >= 0 && sampleMs <= this.#maxSampleMs) this.rtt.update(sampleMs);
  }
}
