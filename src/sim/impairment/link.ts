import type { Clock, Random } from '../../kernel/index.ts';
import { PERFECT, type LinkConditions } from './link-conditions.ts';

/** Payload of one packet: what is left of 1,280 bytes, the least that IPv6 carries whole (RFC 8200, 5). */
const PACKET_BYTES = 1_200;
/** Shortest time after which a packet without an answer is sent again: Linux' TCP_RTO_MIN. Doubled each time (RFC 6298, 5.5). */
const MIN_RETRANSMISSION_MS = 200;
/** Packets behind a lost one that must arrive until it counts as lost (RFC 5681, 3.2). */
const DUPLICATE_ACKS = 3;
/** A packet is given up after so many losses in a row; the transport's own limit ends the connection long before. */
const MAX_ROUNDS = 12;

export interface LinkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly conditions?: LinkConditions | undefined;
}

/**
 * One direction of a link between two places. Transports carry frames reliably and in order, so what happens to packets shows in one
 * thing alone: how late a frame is. All connections between the two places share the link's rate.
 */
export class Link {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #whenOpen = new Set<() => void>();
  #conditions: LinkConditions;
  #isOpen = true;
  /** When the link has sent all that was handed to it, by its rate. */
  #busyUntil = 0;

  constructor({ clock, random, conditions = PERFECT }: LinkOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#conditions = conditions;
  }

  /** Whether anything arrives at the other end. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether a frame handed over now is at the other end now. */
  get isImmediate(): boolean {
    return this.#isOpen && this.#conditions === PERFECT;
  }

  /** Changes what the link does to frames that are handed over from now on. */
  set(conditions: LinkConditions): void {
    this.#conditions = conditions;
  }

  /** Lets nothing through any more. Nobody is told, as nobody is told of a cable that was pulled. */
  cut(): void {
    this.#isOpen = false;
  }

  /** Lets everything through again. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const waiting = [...this.#whenOpen];
    this.#whenOpen.clear();
    for (const callback of waiting) callback();
  }

  /** Calls back once when the link opens; the function given undoes it. */
  whenOpen(callback: () => void): () => void {
    this.#whenOpen.add(callback);
    return () => this.#whenOpen.delete(callback);
  }

  /** When a frame of so many bytes, handed over now, arrives at the other end, by the clock; Infinity where the link loses everything. */
  arrival(bytes: number): number {
    const { delayMs, jitterMs, loss, reorder } = this.#conditions;
    const packets = Math.max(1, Math.ceil(bytes / PACKET_BYTES));
    let at = this.#sent(bytes, packets) + delayMs;
    if (jitterMs > 0) at += this.#random.fraction() * jitterMs;
    if (reorder > 0 && this.#happens(reorder, packets)) at += delayMs + jitterMs;
    return loss > 0 ? at + this.#retransmissions(packets) : at;
  }

  /** When what was lost since `since`, because the link was cut, is sent again: the first retransmission not before now. */
  retransmission(since: number): number {
    const now = this.#clock.now();
    let wait = this.#retransmissionMs();
    let at = since + wait;
    while (at < now) at += wait *= 2;
    return at;
  }

  /** When the link has sent it all. */
  #sent(bytes: number, packets: number): number {
    const { bytesPerSecond, duplicate } = this.#conditions;
    const now = this.#clock.now();
    if (bytesPerSecond === undefined) return now;
    const copies = duplicate > 0 ? this.#count(duplicate, packets) / packets : 0;
    this.#busyUntil = Math.max(now, this.#busyUntil) + (bytes * (1 + copies) * 1_000) / bytesPerSecond;
    return this.#busyUntil;
  }

  /**
   * What it costs that packets are lost: a wait for each round in which at least one of those still missing is lost again. Where others
   * followed that arrived, the first wait is a round trip only (fast retransmit, RFC 5681, 3.2).
   */
  #retransmissions(packets: number): number {
    const { loss, delayMs, jitterMs } = this.#conditions;
    let late = 0;
    let wait = this.#retransmissionMs();
    let missing = this.#count(loss, packets);
    for (let round = 0; missing > 0; round++) {
      if (round === MAX_ROUNDS) return Infinity;
      if (round === 0 && packets - missing > DUPLICATE_ACKS) {
        late += 2 * delayMs + jitterMs;
      } else {
        late += wait;
        wait *= 2;
      }
      missing = this.#count(loss, missing);
    }
    return late;
  }

  /** A round trip, and as much again for how it varies (RFC 6298, 2). */
  #retransmissionMs(): number {
    const { delayMs, jitterMs } = this.#conditions;
    return Math.max(MIN_RETRANSMISSION_MS, 2 * delayMs + 4 * jitterMs);
  }

  #happens(share: number, packets: number): boolean {
    return this.#random.fraction() < 1 - (1 - share) ** packets;
  }

  #count(share: number, packets: number): number {
    let count = 0;
    for (let packet = 0; packet < packets; packet++) if (this.#random.fraction() < share) count++;
    return count;
  }
}
