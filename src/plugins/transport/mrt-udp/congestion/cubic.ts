import { initialWindow, type AckSample, type CongestionController, type LossSample } from './controller.ts';
import { HyStart } from './hystart.ts';

/** Constants of RFC 9438, section 4.1: growth in packets a second cubed, and what is kept on a loss. */
const C = 0.4;
const BETA = 0.7;

/** Packets a round trip by which Reno would grow (RFC 9438, section 4.3). */
const RENO_ALPHA = (3 * (1 - BETA)) / (1 + BETA);

/** Fewest packets in flight. */
const MIN_WINDOW_PACKETS = 2;

/** How much faster than a window a round trip packets leave, in slow start and after (RFC 9002, section 7.7). */
const SLOW_START_PACING = 2;
const PACING = 1.25;

/** What a loss changed, to be put back if it was none. */
interface Before {
  readonly window: number;
  readonly slowStartEnd: number;
  readonly maxWindow: number;
  readonly recoveryStart: number;
}

/** CUBIC (RFC 9438) with HyStart++ (RFC 9406): loss means congestion. Windows in bytes, times in milliseconds. */
export class Cubic implements CongestionController {
  readonly #hystart = new HyStart();
  #datagram: number;
  #window: number;
  #pacingRate: number;
  #slowStartEnd = Infinity;
  #maxWindow = 0;
  #epochStart: number | undefined;
  #epochWindow = 0;
  #renoWindow = 0;
  #recoveryStart = -Infinity;
  #before: Before | undefined;

  constructor(path: { readonly datagramLength: number; readonly rttMs: number }) {
    this.#datagram = path.datagramLength;
    this.#window = initialWindow(path.datagramLength);
    this.#pacingRate = (SLOW_START_PACING * this.#window) / Math.max(path.rttMs, 1);
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

  onAck(sample: AckSample): void {
    const isUsed = sample.priorInFlight >= this.#window / 2;
    if (sample.sentAt > this.#recoveryStart && isUsed) {
      if (this.#window < this.#slowStartEnd) this.#slowStart(sample);
      else this.#avoidCongestion(sample);
    } else if (!isUsed) this.#epochStart = undefined;
    const gain = this.#window < this.#slowStartEnd ? SLOW_START_PACING : PACING;
    this.#pacingRate = (gain * this.#window) / Math.max(sample.smoothedRttMs, 1);
  }

  onLoss({ now, sentAt, persistent }: LossSample): void {
    if (persistent) {
      this.#before = undefined;
      this.#window = this.#minWindow;
      this.#epochStart = undefined;
      this.#recoveryStart = -Infinity;
      return;
    }
    if (sentAt <= this.#recoveryStart) return;
    this.#before = {
      window: this.#window,
      slowStartEnd: this.#slowStartEnd,
      maxWindow: this.#maxWindow,
      recoveryStart: this.#recoveryStart,
    };
    // Fast convergence (RFC 9438, section 4.7): a flow that lost before it was back where it had been makes room for others.
    this.#maxWindow = this.#window < this.#maxWindow ? (this.#window * (1 + BETA)) / 2 : this.#window;
    this.#window = Math.max(this.#window * BETA, this.#minWindow);
    this.#slowStartEnd = this.#window;
    this.#recoveryStart = now;
    this.#epochStart = undefined;
  }

  onSpuriousLoss(): void {
    const before = this.#before;
    if (before === undefined) return;
    this.#before = undefined;
    this.#window = Math.max(this.#window, before.window);
    this.#slowStartEnd = before.slowStartEnd;
    this.#maxWindow = before.maxWindow;
    this.#recoveryStart = before.recoveryStart;
    this.#epochStart = undefined;
  }

  #slowStart(sample: AckSample): void {
    this.#window += sample.bytes * this.#hystart.onAck(sample);
    if (this.#hystart.isDone) this.#slowStartEnd = this.#window;
  }

  #avoidCongestion({ now, bytes, smoothedRttMs }: AckSample): void {
    if (this.#epochStart === undefined) {
      this.#epochStart = now;
      this.#epochWindow = this.#renoWindow = this.#window;
      this.#maxWindow = Math.max(this.#maxWindow, this.#window);
    }
    const target = this.#cubic(now - this.#epochStart + smoothedRttMs);
    const alpha = this.#renoWindow >= this.#maxWindow ? 1 : RENO_ALPHA;
    this.#renoWindow += (alpha * this.#datagram * bytes) / this.#window;
    if (this.#cubic(now - this.#epochStart) < this.#renoWindow) {
      this.#window = Math.max(this.#window, this.#renoWindow);
      return;
    }
    const bounded = Math.min(Math.max(target, this.#window), 1.5 * this.#window);
    this.#window += ((bounded - this.#window) * bytes) / this.#window;
  }

  /** The window after some time in the epoch (RFC 9438, section 4.2, figure 1). */
  #cubic(elapsedMs: number): number {
    const k = Math.cbrt((this.#maxWindow - this.#epochWindow) / this.#datagram / C);
    return C * (elapsedMs / 1_000 - k) ** 3 * this.#datagram + this.#maxWindow;
  }

  get #minWindow(): number {
    return MIN_WINDOW_PACKETS * this.#datagram;
  }
}
