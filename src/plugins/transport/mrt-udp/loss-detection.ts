import type { AckRange } from './frames.ts';
import type { CongestionController } from './congestion-controller.ts';
import { MAX_PROBE_INTERVAL_MS } from './constants.ts';
import type { PathRtt } from './path-rtt.ts';
import { SentPackets, type SentPacket } from './sent-packets.ts';

/** Packets sent later and acknowledged after which one is lost (RFC 9002, section 6.1.1). */
const PACKET_THRESHOLD = 3;

/** Probe timeouts' worth of packets that must all be lost to call the congestion persistent (RFC 9002, section 7.6.1). */
const PERSISTENT_PROBES = 3;

/** What became known of packets in flight. */
export interface Verdict {
  readonly acked: readonly SentPacket[];
  readonly lost: readonly SentPacket[];
}

/** Finds out which packets arrived and which were lost, by packet number and time (RFC 9002, section 6 and appendix A). */
export class LossDetection {
  readonly #rtt: PathRtt;
  readonly #congestion: CongestionController;
  readonly #inFlight = new SentPackets();
  #largestAcked = -1;
  #lossAt = Infinity;
  #lastSentAt = 0;
  #probes = 0;

  constructor(rtt: PathRtt, congestion: CongestionController) {
    this.#rtt = rtt;
    this.#congestion = congestion;
  }

  get bytesInFlight(): number {
    return this.#inFlight.bytes;
  }

  /** Probe timeouts since anything was acknowledged. */
  get probes(): number {
    return this.#probes;
  }

  onSent(packet: SentPacket): void {
    this.#inFlight.add(packet);
    this.#lastSentAt = packet.sentAt;
  }

  /** Takes an acknowledgement's ranges, highest first. */
  onAck(ranges: readonly AckRange[], delayMs: number, now: number): Verdict {
    const inFlight = this.#inFlight.bytes;
    const acked = ranges.flatMap(({ smallest, largest }) => this.#inFlight.take(smallest, largest));
    const largest = ranges[0]?.largest ?? -1;
    let [bytes, newest] = [0, -Infinity];
    for (const packet of acked) {
      bytes += packet.size;
      newest = Math.max(newest, packet.sentAt);
      if (packet.number === largest) this.#rtt.sample(Math.max(now - packet.sentAt, 0), delayMs);
    }
    this.#largestAcked = Math.max(this.#largestAcked, largest);
    if (acked.length === 0) return { acked, lost: [] };
    this.#probes = 0;
    const lost = this.#detectLost(now);
    this.#congestion.onAck({ now, bytes, sentAt: newest, inFlight });
    return { acked, lost };
  }

  /** When `handleTimeout` wants to be called, or Infinity. */
  get deadline(): number {
    if (this.#lossAt !== Infinity) return this.#lossAt;
    return this.#inFlight.oldest === undefined ? Infinity : this.#lastSentAt + this.#probeInterval();
  }

  /**
   * Tells what is lost by now; or, where only the absence of any acknowledgement shows that something is wrong, counts a
   * probe: the caller then sends the oldest packets' content again, whatever the congestion window.
   */
  handleTimeout(now: number): { readonly lost: readonly SentPacket[]; readonly probe: readonly SentPacket[] } {
    if (now < this.deadline) return { lost: [], probe: [] };
    if (this.#lossAt !== Infinity) return { lost: this.#detectLost(now), probe: [] };
    this.#probes += 1;
    this.#lastSentAt = now;
    const probe: SentPacket[] = [];
    for (const packet of this.#inFlight) {
      probe.push(packet);
      if (probe.length === 2) break;
    }
    return { lost: [], probe };
  }

  #probeInterval(): number {
    return Math.min(this.#rtt.probeTimeoutMs * 2 ** this.#probes, MAX_PROBE_INTERVAL_MS);
  }

  #detectLost(now: number): SentPacket[] {
    const reorderingMs = this.#rtt.reorderingMs;
    const lost: SentPacket[] = [];
    this.#lossAt = Infinity;
    for (const packet of this.#inFlight) {
      if (packet.number > this.#largestAcked) break;
      const isLost = packet.number <= this.#largestAcked - PACKET_THRESHOLD || packet.sentAt + reorderingMs <= now;
      if (isLost) lost.push(packet);
      else this.#lossAt = Math.min(this.#lossAt, packet.sentAt + reorderingMs);
    }
    for (const { number } of lost) this.#inFlight.take(number, number);
    const [oldest, newest] = [lost[0], lost.at(-1)];
    if (oldest !== undefined && newest !== undefined) {
      const persistent = newest.sentAt - oldest.sentAt > PERSISTENT_PROBES * this.#rtt.probeTimeoutMs;
      this.#congestion.onLoss({ now, sentAt: newest.sentAt, persistent });
    }
    return lost;
  }
}
