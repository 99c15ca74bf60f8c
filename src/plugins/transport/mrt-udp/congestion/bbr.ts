import type { Random } from '../../../../kernel/index.ts';
import { AckAggregation } from './ack-aggregation.ts';
import { BbrBounds } from './bbr-bounds.ts';
import { initialWindow, type AckSample, type CongestionController, type LossSample } from './controller.ts';
import { FullPath } from './full-path.ts';
import { MinRtt } from './min-rtt.ts';
import { ProbeSchedule } from './probe-schedule.ts';
import { RoundCounter, TwoPeriodMax } from './rounds.ts';

/** Where BBR is: filling the path, emptying what that queued, cruising with probes up and down, or looking at the empty path. */
type Phase = 'startup' | 'drain' | 'down' | 'cruise' | 'refill' | 'up' | 'probeRtt';

/** How fast packets leave in each phase, in estimated bandwidths (draft-ietf-ccwg-bbr, section 4.6.1). */
const PACING_GAIN: Readonly<Record<Phase, number>> = {
  startup: 2.77,
  drain: 0.35,
  down: 0.9,
  cruise: 1,
  refill: 1,
  up: 1.25,
  probeRtt: 1,
};

/** How much may be in flight, in bandwidth-delay products. */
const WINDOW_GAIN = 2;
const UP_WINDOW_GAIN = 2.25;
const PROBE_RTT_WINDOW_GAIN = 0.5;

/** Share of the estimate at which packets leave when nothing is probed, so that a queue does not stand by mistakes. */
const PACING_MARGIN = 0.99;

/** Growth of the bandwidth while more is tried that shows the path to carry it; the gain of a quarter less what is blurred. */
const UP_GROWTH = 1.15;

/** Fewest packets in flight. */
const MIN_WINDOW_PACKETS = 4;

/**
 * On a path that short, what a round trip takes beyond the shortest is machines that are busy, up to so long: with a window by the shortest one a
 * connection would slow down until a few packets fill it.
 */
const SHORT_MS = 2;
const BUSY_MS = 100;

/** How long the path is kept empty to see its round-trip time. */
const PROBE_RTT_MS = 200;

/** Time's worth of bytes that may leave in one turn of the event loop; the window holds some such turns at least. */
const QUANTUM_MS = 2;
const QUANTA = 3;

/**
 * Congestion control by a model of the path: its bandwidth and its round-trip time when empty, both measured, and bounds on what
 * is in flight that react to congestion (draft-ietf-ccwg-bbr-02, "BBRv3", with the differences docs/mrt.md lists).
 */
export class Bbr implements CongestionController {
  readonly #bandwidth = new TwoPeriodMax();
  readonly #bounds = new BbrBounds();
  readonly #aggregation = new AckAggregation();
  readonly #rounds = new RoundCounter();
  readonly #minRtt: MinRtt;
  readonly #schedule: ProbeSchedule;
  #datagram: number;
  #phase: Phase = 'startup';
  #window: number;
  #pacingRate: number;
  readonly #path = new FullPath();
  /** Of the round that is not over: highest rate, and bytes. */
  #roundRate = 0;
  #roundBytes = 0;
  /** The shortest round trip of the last round that is over. */
  #roundRttMs = 0;
  #phaseRound = 0;
  #upAt = 0;
  #upStep = Infinity;
  #upAcked = 0;
  #upTarget = 0;
  #upBandwidth = 0;
  #upRounds = 0;
  #probeRttUntil = Infinity;
  #windowBeforeProbeRtt = 0;
  /** Whether nothing was in flight behind the last acknowledgement. */
  #wasIdle = false;

  constructor(path: {
    readonly datagramLength: number;
    readonly rttMs: number;
    readonly now: number;
    readonly random: Random;
  }) {
    this.#schedule = new ProbeSchedule(path.random);
    this.#datagram = path.datagramLength;
    this.#minRtt = new MinRtt(path.rttMs, path.now);
    this.#window = initialWindow(path.datagramLength);
    this.#pacingRate = (PACING_GAIN.startup * this.#window) / Math.max(path.rttMs, 1);
  }

  get window(): number {
    return this.#window;
  }

  get pacingRate(): number {
    return this.#pacingRate;
  }

  resize(datagramLength: number): void {
    this.#datagram = datagramLength;
    this.#window = Math.max(this.#window, this.#minWindow);
  }

  onLoss(sample: LossSample): void {
    this.#bounds.onLoss(sample);
  }

  onSpuriousLoss(): void {
    this.#bounds.resetShortTerm();
  }

  onAck(sample: AckSample): void {
    const isNewRound = this.#rounds.onAck(sample);
    this.#bounds.onAck(sample);
    this.#learn(sample);
    this.#react(sample, isNewRound);
    if (isNewRound) this.#endRound(sample);
    this.#step(sample);
    this.#probeRtt(sample);
    this.#setRateAndWindow(sample);
  }

  #learn(sample: AckSample): void {
    const { now, deliveryRate, rttMs } = sample;
    if (deliveryRate >= this.#bandwidth.max || !sample.isAppLimited) this.#bandwidth.update(deliveryRate);
    this.#roundRate = Math.max(this.#roundRate, deliveryRate);
    this.#roundBytes += sample.bytes;
    this.#aggregation.onAck(sample, this.#estimate, this.#rounds.count);
    if (rttMs !== undefined) this.#minRtt.update(rttMs, now);
    // What is sent first after nothing was in flight meets no queue of ours: as when the draft restarts from idle, the path need not be emptied to look at it.
    if (this.#wasIdle && rttMs !== undefined) this.#minRtt.onProbed(now);
    this.#wasIdle = sample.inFlight === 0;
  }

  /** Reacts to congestion, at once while probing, else when the round is over. */
  #react(sample: AckSample, isNewRound: boolean): void {
    if (!this.#bounds.isCongested(this.#minRtt.valueMs, this.#phase === 'startup')) return;
    if (this.#phase === 'startup') {
      if (!this.#bounds.hasManyLosses) return;
      this.#bounds.lowerHigh(this.#bdp);
      this.#path.fill();
      this.#bounds.endRound(false);
    } else if (this.#phase === 'up') {
      this.#bounds.lowerHigh(Math.min(this.#bdp, this.#window));
      this.#enterDown(sample);
      this.#bounds.endRound(false);
    } else if (isNewRound && this.#phase !== 'refill') {
      const round = { rate: this.#roundRate, bytes: this.#roundBytes };
      this.#bounds.lowerShortTerm(round, { rate: this.#bandwidth.max, window: this.#window });
    }
  }

  #endRound(sample: AckSample): void {
    const isSteady = this.#phase === 'cruise' || this.#phase === 'down';
    if (this.#bounds.roundRttMs !== Infinity) this.#roundRttMs = this.#bounds.roundRttMs;
    this.#bounds.endRound(isSteady && !this.#bounds.isQueued(this.#minRtt.valueMs));
    this.#roundRate = this.#roundBytes = 0;
    if (this.#phase === 'up') this.#upRounds += 1;
    if (!sample.isAppLimited) this.#path.onRound(this.#bandwidth.max);
  }

  #step(sample: AckSample): void {
    const { now, inFlight } = sample;
    switch (this.#phase) {
      case 'startup':
        if (this.#path.isFull) this.#enter('drain');
        return;
      case 'drain':
        if (inFlight <= this.#bdp) this.#enterDown(sample);
        return;
      case 'down':
        if (this.#schedule.isDue(this.#rounds.count, now)) this.#enterRefill();
        else if (inFlight <= Math.min(this.#bdp, this.#bounds.inflightCruise)) this.#enter('cruise');
        return;
      case 'cruise':
        if (this.#schedule.isDue(this.#rounds.count, now)) this.#enterRefill();
        return;
      case 'refill':
        if (this.#rounds.count > this.#phaseRound) this.#enterUp(sample);
        return;
      case 'up':
        this.#raiseHigh(sample);
        if (now - this.#upAt > this.#tryMs && inFlight > this.#upTarget) this.#endUp(sample);
        return;
      case 'probeRtt':
    }
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#phaseRound = this.#rounds.count;
  }

  #enterDown({ now, isAppLimited }: AckSample): void {
    // What little was wanted says nothing of what the path carries: what is known of that stands.
    if (!isAppLimited) this.#bandwidth.endPeriod();
    const windowPackets = this.#bdp / this.#datagram;
    const isQuiet = this.#bounds.inflightHigh === Infinity;
    this.#schedule.restart({ now, round: this.#rounds.count, windowPackets, isQuiet });
    this.#enter('down');
  }

  #enterRefill(): void {
    this.#bounds.resetShortTerm();
    this.#enter('refill');
  }

  #enterUp({ now, inFlight }: AckSample): void {
    this.#upAt = now;
    this.#upTarget = PACING_GAIN.up * Math.max(this.#bdp, Math.min(inFlight, WINDOW_GAIN * this.#bdp));
    this.#upBandwidth = this.#bandwidth.max;
    this.#upRounds = 0;
    this.#upAcked = 0;
    this.#upStep = this.#window;
    this.#enter('up');
  }

  /** More was tried: where the path carried it, as after a startup that losses ended too soon, more still. */
  #endUp(sample: AckSample): void {
    if (this.#bandwidth.max < this.#upBandwidth * UP_GROWTH) {
      this.#enterDown(sample);
      return;
    }
    this.#upBandwidth = this.#bandwidth.max;
    this.#upTarget = PACING_GAIN.up * Math.max(this.#bdp, sample.inFlight);
    this.#upAt = sample.now;
  }

  /** Lets more in flight while that is used up and meets no congestion: slowly at first, twice as much each round. */
  #raiseHigh({ bytes, priorInFlight }: AckSample): void {
    if (priorInFlight < this.#bounds.inflightHigh - 2 * this.#datagram) return;
    this.#upStep = Math.max(this.#window / 2 ** this.#upRounds, this.#datagram);
    this.#upAcked += bytes;
    while (this.#upAcked >= this.#upStep) {
      this.#upAcked -= this.#upStep;
      this.#bounds.inflightHigh += this.#datagram;
    }
  }

  /** Lets the path run nearly empty for a moment where it was not seen so for a long time. */
  #probeRtt(sample: AckSample): void {
    const { now, inFlight } = sample;
    if (this.#phase !== 'probeRtt') {
      if (!this.#path.isFull || !this.#minRtt.isDue(now)) return;
      this.#windowBeforeProbeRtt = this.#window;
      this.#probeRttUntil = Infinity;
      this.#enter('probeRtt');
    }
    if (this.#probeRttUntil === Infinity && inFlight <= Math.max(this.#bdp * PROBE_RTT_WINDOW_GAIN, this.#minWindow)) {
      this.#probeRttUntil = now + PROBE_RTT_MS;
    }
    if (now < this.#probeRttUntil || this.#rounds.count === this.#phaseRound) return;
    this.#minRtt.onProbed(now);
    this.#window = Math.max(this.#window, this.#windowBeforeProbeRtt);
    this.#bounds.resetShortTerm();
    this.#enterDown(sample);
    this.#enter('cruise');
  }

  #setRateAndWindow({ bytes }: AckSample): void {
    const rate = (PACING_GAIN[this.#phase] * this.#estimate * PACING_MARGIN) / (1 - this.#bounds.compensated);
    if (this.#path.isFull || rate > this.#pacingRate) this.#pacingRate = Math.max(rate, this.#slowest);
    const gain = this.#phase === 'up' ? UP_WINDOW_GAIN : WINDOW_GAIN;
    const quanta = QUANTA * QUANTUM_MS * this.#estimate;
    const most = Math.max(gain * this.#estimate * this.#busyRttMs + this.#aggregation.extra, quanta, this.#minWindow);
    const grown = this.#window + bytes;
    this.#window = this.#path.isFull ? Math.min(grown, most) : this.#window < most ? grown : this.#window;
    this.#window = Math.max(Math.min(this.#window, this.#mostByBounds), this.#minWindow);
  }

  get #mostByBounds(): number {
    const { inflightHigh, inflightCruise, inflightLow } = this.#bounds;
    if (this.#phase === 'probeRtt') return Math.min(this.#bdp * PROBE_RTT_WINDOW_GAIN, inflightCruise);
    const high = this.#phase === 'cruise' ? inflightCruise : this.#path.isFull ? inflightHigh : Infinity;
    return Math.min(high, inflightLow);
  }

  get #estimate(): number {
    return Math.min(this.#bandwidth.max, this.#bounds.bandwidthLow);
  }

  get #bdp(): number {
    return this.#estimate * this.#minRtt.valueMs;
  }

  /** How long more is tried at least: where packets leave a round trip apart, until some that left faster were acknowledged. */
  get #tryMs(): number {
    const shortest = this.#minRtt.valueMs;
    return shortest < SHORT_MS ? 2 * this.#busyRttMs : shortest;
  }

  /** How long a round trip takes, as far as that is not a queue of our making. */
  get #busyRttMs(): number {
    const shortest = this.#minRtt.valueMs;
    return shortest < SHORT_MS ? Math.max(shortest, Math.min(this.#roundRttMs, BUSY_MS)) : shortest;
  }

  get #minWindow(): number {
    return MIN_WINDOW_PACKETS * this.#datagram;
  }

  /** One full window of the fewest packets in a second. */
  get #slowest(): number {
    return this.#minWindow / 1_000;
  }
}
