import type { AckRange } from './frames.ts';
import type { SentPacket } from './sent-packets.ts';

/** Most packets remembered: what a link that is away for long takes must not add up. */
const MAX_REMEMBERED = 4_096;

/** How long a packet is remembered, in round-trip times: later than that it does not come. */
const ROUND_TRIPS = 4;

/** Packets taken for lost a short while ago, by number: an acknowledgement that comes after all proves that one was only late. */
export class LostPackets {
  /** Ascending, since packets are taken for lost in the order in which they were sent. */
  #packets: SentPacket[] = [];

  add(packet: SentPacket): void {
    this.#packets.push(packet);
  }

  forgetOld(smoothedRttMs: number, now: number): void {
    const since = now - ROUND_TRIPS * smoothedRttMs;
    const packets = this.#packets;
    let old = Math.max(0, packets.length - MAX_REMEMBERED);
    for (let packet = packets[old]; packet !== undefined && packet.sentAt < since; packet = packets[old]) old += 1;
    if (old > 0) packets.splice(0, old);
  }

  /** Takes out those that an acknowledgement names; its ranges are highest first. */
  take(ranges: readonly AckRange[]): SentPacket[] {
    if (this.#packets.length === 0) return [];
    let index = ranges.length - 1;
    const late: SentPacket[] = [];
    const lost: SentPacket[] = [];
    for (const packet of this.#packets) {
      while (index > 0 && (ranges[index]?.largest ?? 0) < packet.number) index -= 1;
      const range = ranges[index];
      const isLate = range !== undefined && range.smallest <= packet.number && packet.number <= range.largest;
      (isLate ? late : lost).push(packet);
    }
    if (late.length > 0) this.#packets = lost;
    return late;
  }

  get count(): number {
    return this.#packets.length;
  }
}
