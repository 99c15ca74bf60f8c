/** Packets sent later and acknowledged after which one is lost, as long as no packet was late (RFC 9002, section 6.1.1). */
const PACKET_THRESHOLD = 3;

/** How much longer than a round trip a packet may take then (RFC 9002, section 6.1.2). */
const TIME_SHARE = 1 / 8;

/** The window that opens once packets are late, a step in lowest round-trip times, and what is the most (RFC 8985, section 6.2). */
const STEP_SHARE = 1 / 4;

/** Losses that were real after which one step is taken back (RFC 8985: 16 recoveries). */
const PERSISTENCE = 16;

/**
 * How long to wait for packets that may be late and not lost. Numbers are never used twice, so an acknowledgement of a packet that
 * was taken for lost proves that it was late; from then on time alone decides, and the wait grows until that ends.
 */
export class ReorderWindow {
  #steps = 0;
  #nextStepAt = -Infinity;
  #persistence = 0;
  #lossRoundEnd = -Infinity;

  /** How many packet numbers behind the newest acknowledged one counts as lost. */
  get packetThreshold(): number {
    return this.#steps === 0 ? PACKET_THRESHOLD : Infinity;
  }

  /** How long after a round trip a packet is lost, in milliseconds. */
  waitMs(minRttMs: number, smoothedRttMs: number): number {
    if (this.#steps === 0) return smoothedRttMs * TIME_SHARE;
    return Math.min(this.#steps * minRttMs * STEP_SHARE, smoothedRttMs);
  }

  /** A packet taken for lost had arrived: wait longer, by one step a round trip. */
  onSpurious(smoothedRttMs: number, now: number): void {
    this.#persistence = PERSISTENCE;
    if (now < this.#nextStepAt) return;
    this.#nextStepAt = now + smoothedRttMs;
    this.#steps += 1;
  }

  /** Packets were taken for lost: after many round trips with losses and none that was late, wait less. */
  onLoss(smoothedRttMs: number, now: number): void {
    if (this.#steps === 0 || now < this.#lossRoundEnd) return;
    this.#lossRoundEnd = now + smoothedRttMs;
    this.#persistence -= 1;
    if (this.#persistence > 0) return;
    this.#steps -= 1;
    this.#persistence = PERSISTENCE;
  }
}
