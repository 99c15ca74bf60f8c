import { GRANULARITY_MS, MAX_ACK_DELAY_MS } from './constants.ts';
import { MAX_ACK_RANGES, type AckRange } from './frames.ts';
import { RangeSet, type Range } from '../../../kit/range-set.ts';

/**
 * Packets that want an acknowledgement after which it is sent at once: two at first (RFC 9000, section 13.2.2), while the peer's window
 * grows by them; later more, since each costs both sides as much as a packet of data (draft-ietf-quic-ack-frequency).
 */
const ACK_EVERY_AT_FIRST = 2;
const FIRST_PACKETS = 200;
const ACK_EVERY = 8;

/**
 * Bytes that are acknowledged at once, however few packets they came in: where two packets are that long, eight are more than a short path
 * holds, and the sender would wait for an acknowledgement that waits for its next packet.
 */
const ACK_BYTES = 120_000;

/** Share of a round-trip time that an acknowledgement may wait. */
const DELAY_SHARE = 1 / 8;

/** How long an acknowledgement waits for company at the most, by the round-trip time. */
export function ackDelayMs(smoothedRttMs: number): number {
  return Math.min(MAX_ACK_DELAY_MS, Math.max(GRANULARITY_MS, smoothedRttMs * DELAY_SHARE));
}

/** Which packets of the peer arrived, and when it is to hear of them. */
export class AckTracker {
  readonly #received = new RangeSet();
  /** Numbers below were received, or count as if: too old to tell. */
  #floor = 0;
  #largestAt = 0;
  #pending = 0;
  #pendingBytes = 0;
  #elicited = 0;
  #dueAt = Infinity;

  /** Highest number received, or -1. */
  get largest(): number {
    return (this.#received.last?.end ?? this.#floor) - 1;
  }

  get hasPending(): boolean {
    return this.#pending > 0;
  }

  /** When an acknowledgement should go at the latest, or Infinity. */
  get deadline(): number {
    return this.#dueAt;
  }

  isKnown(number: number): boolean {
    return number < this.#floor || this.#received.has(number);
  }

  /** @param urgent acknowledge at once, such as what fills or shows a gap. */
  onReceived(
    packet: {
      readonly number: number;
      /** Bytes of the datagram. */
      readonly size: number;
      readonly eliciting: boolean;
      readonly urgent: boolean;
      readonly smoothedRttMs: number;
    },
    now: number,
  ): void {
    const { number, eliciting, urgent } = packet;
    const { largest } = this;
    const isNext = number === largest + 1;
    if (number > largest) this.#largestAt = now;
    this.#received.add(number, number + 1);
    const oldest = this.#received.first;
    if (this.#received.count > MAX_ACK_RANGES && oldest !== undefined) this.#forgetBelow(oldest.end);
    if (!eliciting) return;
    this.#pending += 1;
    this.#pendingBytes += packet.size;
    this.#elicited += 1;
    const every = this.#elicited > FIRST_PACKETS ? ACK_EVERY : ACK_EVERY_AT_FIRST;
    const isDue = urgent || !isNext || this.#pending >= every || this.#pendingBytes >= ACK_BYTES;
    this.#dueAt = isDue ? now : Math.min(this.#dueAt, now + ackDelayMs(packet.smoothedRttMs));
  }

  /** What an acknowledgement says now; the peer is taken to hear of it. */
  take(now: number): { readonly delayUs: number; readonly ranges: readonly AckRange[] } {
    this.#pending = 0;
    this.#pendingBytes = 0;
    this.#dueAt = Infinity;
    const { ranges } = this.#received;
    return { delayUs: Math.round((now - this.#largestAt) * 1_000), ranges: ranges.map(toAckRange).reverse() };
  }

  /** The peer acknowledged our acknowledgement up to `largest`: it need not be repeated. */
  onAcknowledged(largest: number): void {
    this.#forgetBelow(largest);
  }

  #forgetBelow(number: number): void {
    this.#received.remove(0, number);
    this.#floor = Math.max(this.#floor, number);
  }
}

function toAckRange({ start, end }: Range): AckRange {
  return { smallest: start, largest: end - 1 };
}
