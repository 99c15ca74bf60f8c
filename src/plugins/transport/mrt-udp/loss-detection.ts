import type { AckRange } from './frames.ts';
import { DeliveryRate } from './congestion/delivery-rate.ts';
import { GRANULARITY_MS, MAX_PROBE_INTERVAL_MS } from './constants.ts';
import { LostPackets } from './lost-packets.ts';
import type { Path } from './path.ts';
import { ReorderWindow } from './reorder-window.ts';
import { SentPackets, type PacketContent, type SentPacket } from './sent-packets.ts';

/** Probe timeouts' worth of packets that must all be lost to call the congestion persistent (RFC 9002, section 7.6.1). */
const PERSISTENT_PROBES = 3;

/** Packets whose content a probe timeout sends again (RFC 9002, section 6.2.4). */
const PROBED_PACKETS = 2;

/** What became known of packets in flight. */
export interface Verdict {
  readonly acked: readonly SentPacket[];
  readonly lost: readonly SentPacket[];
}

/** Finds out which packets arrived and which were lost, by packet number and time (RFC 9002, section 6; RFC 8985), and tells the congestion controller. */
export class LossDetection {
  readonly #path: Path;
  readonly #inFlight = new SentPackets();
  readonly #lost = new LostPackets();
  readonly #reordering = new ReorderWindow();
  readonly #rate = new DeliveryRate();
  #largestAcked = -1;
  #lossAt = Infinity;
  #lastSentAt = 0;
  #probes = 0;

  constructor(path: Path) {
    this.#path = path;
  }

  get bytesInFlight(): number {
    return this.#inFlight.bytes;
  }

  /** Probe timeouts since anything was acknowledged. */
  get probes(): number {
    return this.#probes;
  }

  onSent(packet: PacketContent): void {
    // Named one by one: a spread was measured to cost as much as all the rest of this class.
    const { number, sentAt, size, stream, window, acknowledged, isSizeProbe } = packet;
    const stamp = this.#rate.onSent(size, this.#inFlight.bytes, sentAt);
    this.#inFlight.add({ number, sentAt, size, stream, window, acknowledged, isSizeProbe, stamp });
    this.#lastSentAt = sentAt;
  }

  /** More might be sent, but there is nothing to send. */
  onAppLimited(): void {
    this.#rate.onAppLimited(this.#inFlight.bytes);
  }

  /** Takes an acknowledgement's ranges, highest first. */
  onAck(ranges: readonly AckRange[], delayMs: number, now: number): Verdict {
    const priorInFlight = this.#inFlight.bytes;
    const acked: SentPacket[] = [];
    for (const { smallest, largest } of ranges) this.#inFlight.take(smallest, largest, acked);
    const late = this.#takeLate(ranges, now);
    const largest = ranges[0]?.largest ?? -1;
    this.#largestAcked = Math.max(this.#largestAcked, largest);
    if (acked.length === 0) return { acked: late, lost: [] };
    let bytes = 0;
    let sentAt = -Infinity;
    let rttMs: number | undefined;
    for (const packet of acked) {
      sentAt = Math.max(sentAt, packet.sentAt);
      if (!packet.isSizeProbe) {
        bytes += packet.size;
        this.#rate.onAcked(packet, now);
      }
      if (packet.number === largest) rttMs = this.#path.rtt.sample(Math.max(now - packet.sentAt, 0), delayMs);
    }
    this.#probes = 0;
    const lost = this.#detectLost(now);
    const { deliveryRate, isAppLimited, delivered, priorDelivered } = this.#rate.sample(this.#path.rtt.minMs);
    this.#path.congestion.onAck({
      now,
      bytes,
      sentAt,
      priorInFlight,
      inFlight: this.#inFlight.bytes,
      rttMs,
      smoothedRttMs: this.#path.rtt.smoothedMs,
      delivered,
      priorDelivered,
      deliveryRate,
      isAppLimited,
    });
    return { acked: late.length === 0 ? acked : [...acked, ...late], lost };
  }

  /** When `handleTimeout` wants to be called, or Infinity. */
  get deadline(): number {
    if (this.#lossAt !== Infinity) return this.#lossAt;
    return this.#inFlight.oldest === undefined ? Infinity : this.#lastSentAt + this.#probeInterval();
  }

  /**
   * Tells what is lost by now; or, where only the absence of any acknowledgement shows that something is wrong, counts a
   * probe: the caller then sends the content again that the peer waits for first, whatever the congestion window.
   */
  handleTimeout(now: number): { readonly lost: readonly SentPacket[]; readonly probe: readonly SentPacket[] } {
    if (now < this.deadline) return { lost: [], probe: [] };
    if (this.#lossAt !== Infinity) return { lost: this.#detectLost(now), probe: [] };
    this.#probes += 1;
    this.#lastSentAt = now;
    return { lost: [], probe: this.#inFlight.first(PROBED_PACKETS) };
  }

  #probeInterval(): number {
    const { probeTimeoutMs, tailProbeMs } = this.#path.rtt;
    const intervalMs = this.#probes === 0 ? tailProbeMs : probeTimeoutMs * 2 ** this.#probes;
    return Math.min(intervalMs, MAX_PROBE_INTERVAL_MS);
  }

  /** Takes out what was taken for lost and had only come late. */
  #takeLate(ranges: readonly AckRange[], now: number): SentPacket[] {
    if (this.#lost.count === 0) return [];
    this.#lost.forgetOld(this.#path.rtt.smoothedMs, now);
    const late = this.#lost.take(ranges);
    if (late.length === 0) return late;
    this.#reordering.onSpurious(this.#path.rtt.smoothedMs, now);
    if (this.#lost.count === 0) this.#path.congestion.onSpuriousLoss(now);
    return late;
  }

  #detectLost(now: number): SentPacket[] {
    const smoothedMs = this.#path.rtt.smoothedMs;
    const waitMs = Math.max(
      this.#path.rtt.currentMs + this.#reordering.waitMs(this.#path.rtt.minMs, smoothedMs),
      GRANULARITY_MS,
    );
    const lastByNumber = this.#largestAcked - this.#reordering.packetThreshold;
    const lost: SentPacket[] = [];
    this.#lossAt = Infinity;
    for (let packet = this.#inFlight.oldest; packet !== undefined; packet = this.#inFlight.oldest) {
      if (packet.number > this.#largestAcked) break;
      if (packet.number > lastByNumber && packet.sentAt + waitMs > now) {
        this.#lossAt = packet.sentAt + waitMs;
        break;
      }
      this.#inFlight.shift();
      this.#lost.add(packet);
      lost.push(packet);
    }
    if (lost.length > 0) this.#tellLost(lost, now);
    return lost;
  }

  #tellLost(lost: readonly SentPacket[], now: number): void {
    this.#reordering.onLoss(this.#path.rtt.smoothedMs, now);
    const counted = lost.filter((packet) => !packet.isSizeProbe);
    const [oldest, newest] = [counted[0], counted.at(-1)];
    if (oldest === undefined || newest === undefined) return;
    const persistent = newest.sentAt - oldest.sentAt > PERSISTENT_PROBES * this.#path.rtt.probeTimeoutMs;
    const bytes = counted.reduce((sum, { size }) => sum + size, 0);
    const { txInFlight, isAppLimited } = newest.stamp;
    this.#path.congestion.onLoss({ now, bytes, sentAt: newest.sentAt, txInFlight, persistent, isAppLimited });
  }
}
