import type { AckSample, CongestionController, LossSample } from './congestion-controller.ts';
import { MAX_BYTES_IN_FLIGHT } from './constants.ts';

/** NewReno as RFC 9002, section 7, has it: slow start, then one datagram a round trip; half the window on a loss. */
export class NewReno implements CongestionController {
  readonly #datagram: number;
  #window: number;
  #slowStartEnd = Infinity;
  #recoveryStart = -Infinity;

  /** @param datagram bytes of a full packet. */
  constructor(datagram: number) {
    this.#datagram = datagram;
    this.#window = Math.min(10 * datagram, Math.max(14_720, 2 * datagram));
  }

  get window(): number {
    return this.#window;
  }

  onAck({ bytes, sentAt, inFlight }: AckSample): void {
    const isAppLimited = inFlight < this.#window / 2;
    if (sentAt <= this.#recoveryStart || isAppLimited) return;
    const grown = this.#window < this.#slowStartEnd ? bytes : (this.#datagram * bytes) / this.#window;
    this.#window = Math.min(this.#window + grown, MAX_BYTES_IN_FLIGHT);
  }

  onLoss({ now, sentAt, persistent }: LossSample): void {
    const least = 2 * this.#datagram;
    if (sentAt > this.#recoveryStart) {
      this.#recoveryStart = now;
      this.#window = Math.max(this.#window / 2, least);
      this.#slowStartEnd = this.#window;
    }
    if (persistent) {
      this.#window = least;
      this.#recoveryStart = -Infinity;
    }
  }
}
