import type { AckSample, LossSample } from './controller.ts';

/** Share of a round's bytes that may be lost before it is asked whether that is congestion (BBRv3: BBRLossThresh). */
const LOSS_THRESHOLD = 0.02;

/** What is kept of an estimate in a round that was congested (BBRv3: BBRBeta). */
const BETA = 0.7;

/** Share of what fits that is left to others between probes (BBRv3: BBRHeadroom). */
const HEADROOM = 0.15;

/** How far all round-trip times of a round must be above the lowest for its losses to be the queue's. */
const QUEUED = 1.2;

/** How much more loss than usual is congestion though no queue shows, as behind a policer or a very short queue; twice the usual and this. */
const EXCESS = 0.1;

/** The same while the path is being filled at nearly three times its rate, which loses far more than chance does. */
const FILLING_EXCESS = 0.25;

/** Acknowledgements in a round that showed losses, below which they may be chance (BBRv3: BBRStartupFullLossCnt). */
const FEW_LOSSES = 6;

/** How a round's share of loss enters the usual one; how much of that is made up for; the most that is. */
const RANDOM_GAIN = 1 / 8;
const COMPENSATED = 0.9;
const MAX_COMPENSATED = 0.2;

/**
 * Tells loss by congestion from loss by chance, and keeps BBR within what the path was seen to hold. A drop-tail queue
 * drops when it is full, so a loss that comes with a risen round-trip time is congestion, and one that comes without is not:
 * radio, a bad cable. BBRv3 takes either for congestion above 2 %, and halves its speed at 5 % loss by chance.
 */
export class BbrBounds {
  /** Most bytes in flight that the path took without congestion; Infinity before the first. */
  inflightHigh = Infinity;
  /** What congestion since the last probe allows: bytes in flight, and bytes a millisecond. */
  inflightLow = Infinity;
  bandwidthLow = Infinity;
  #roundLost = 0;
  #roundLosses = 0;
  #roundAcked = 0;
  /** The lowest of the round: a queue raises all of them, a late event loop some. */
  #roundRttMs = Infinity;
  #roundTxInFlight = 0;
  #roundIsAppLimited = false;
  #usualLoss = 0;

  /** Share of all bytes that is lost by chance, as far as it is made up for. */
  get compensated(): number {
    return Math.min(this.#usualLoss * COMPENSATED, MAX_COMPENSATED);
  }

  /** What may be in flight between probes: the headroom lets others in. */
  get inflightCruise(): number {
    return this.inflightHigh * (1 - HEADROOM);
  }

  /** The lowest round-trip time of this round so far. */
  get roundRttMs(): number {
    return this.#roundRttMs;
  }

  onLoss({ bytes, txInFlight, isAppLimited }: LossSample): void {
    if (this.#roundLost === 0) {
      this.#roundTxInFlight = txInFlight;
      this.#roundIsAppLimited = isAppLimited;
    }
    this.#roundLost += bytes;
    this.#roundLosses += 1;
  }

  onAck({ bytes, rttMs }: AckSample): void {
    this.#roundAcked += bytes;
    this.#roundRttMs = Math.min(this.#roundRttMs, rttMs ?? Infinity);
  }

  /** Whether this round, as far as it came, is congested. @param isFilling whether that is during startup. */
  isCongested(minRttMs: number, isFilling: boolean): boolean {
    const share = this.#share;
    if (share <= LOSS_THRESHOLD) return false;
    return (
      this.isQueued(minRttMs) ||
      (this.hasManyLosses && share > 2 * this.#usualLoss + (isFilling ? FILLING_EXCESS : EXCESS))
    );
  }

  /** Whether there were too many losses in this round for chance. */
  get hasManyLosses(): boolean {
    return this.#roundLosses >= FEW_LOSSES;
  }

  /** Whether a queue stood at some time of this round. */
  isQueued(minRttMs: number): boolean {
    return this.#roundRttMs !== Infinity && this.#roundRttMs > minRttMs * QUEUED;
  }

  /** The path held less than was in flight: takes what was, but no less than `BETA` of what it should hold. */
  lowerHigh(targetInflight: number): void {
    if (this.#roundIsAppLimited) return;
    this.inflightHigh = Math.max(this.#roundTxInFlight, targetInflight * BETA);
  }

  /** A round between probes was congested: less from here on, but no less than it delivered. */
  lowerShortTerm(
    round: { readonly rate: number; readonly bytes: number },
    current: { readonly rate: number; readonly window: number },
  ): void {
    const bandwidth = this.bandwidthLow === Infinity ? current.rate : this.bandwidthLow;
    const inflight = this.inflightLow === Infinity ? current.window : this.inflightLow;
    this.bandwidthLow = Math.max(round.rate, bandwidth * BETA);
    this.inflightLow = Math.max(round.bytes, inflight * BETA);
  }

  resetShortTerm(): void {
    this.inflightLow = this.bandwidthLow = Infinity;
  }

  /** @param isUsual whether the round was one at the estimated rate and without a queue, whose losses are nobody's doing. */
  endRound(isUsual: boolean): void {
    if (isUsual && this.#roundAcked > 0) this.#usualLoss += (this.#share - this.#usualLoss) * RANDOM_GAIN;
    this.#roundLost = this.#roundLosses = this.#roundAcked = 0;
    this.#roundRttMs = Infinity;
  }

  get #share(): number {
    return this.#roundLost / Math.max(this.#roundLost + this.#roundAcked, 1);
  }
}
