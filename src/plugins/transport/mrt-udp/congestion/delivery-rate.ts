/** What a packet carries with it to tell, once it is acknowledged, how fast the path delivered meanwhile. */
export interface DeliveryStamp {
  /** Bytes delivered when it was sent, and when the last of them were acknowledged. */
  readonly delivered: number;
  readonly deliveredAt: number;
  /** When the packet was sent whose acknowledgement those were: the sampling interval's start on the sending side. */
  readonly firstSentAt: number;
  readonly isAppLimited: boolean;
  /** Bytes in flight after it was sent. */
  readonly txInFlight: number;
}

export interface StampedPacket {
  readonly sentAt: number;
  readonly size: number;
  readonly stamp: DeliveryStamp;
}

/** How fast a path delivers: one sample for each acknowledgement. */
export interface RateSample {
  readonly deliveryRate: number;
  readonly isAppLimited: boolean;
  readonly delivered: number;
  readonly priorDelivered: number;
}

/**
 * Estimates the rate at which a path delivers (draft-cheng-iccrg-delivery-rate-estimation-02): bytes acknowledged between the
 * sending of a packet and its acknowledgement, over the longer of the times in which they were sent and acknowledged, so that neither
 * a burst of packets nor one of acknowledgements looks like speed. Milliseconds and bytes.
 */
export class DeliveryRate {
  #delivered = 0;
  #deliveredAt = 0;
  #firstSentAt = 0;
  /** Bytes delivered at which the last packet sent for want of more to send will have arrived; 0 while there was enough. */
  #appLimitedUntil = 0;
  #newest: StampedPacket | undefined;

  get delivered(): number {
    return this.#delivered;
  }

  /** The stamp of a packet that is sent now; `inFlight` does not count it yet. */
  onSent(size: number, inFlight: number, now: number): DeliveryStamp {
    if (inFlight === 0) this.#firstSentAt = this.#deliveredAt = now;
    return {
      delivered: this.#delivered,
      deliveredAt: this.#deliveredAt,
      firstSentAt: this.#firstSentAt,
      isAppLimited: this.#appLimitedUntil > 0,
      txInFlight: inFlight + size,
    };
  }

  /** There is nothing to send though more would be allowed: what is in flight says nothing of the path's speed. */
  onAppLimited(inFlight: number): void {
    this.#appLimitedUntil = Math.max(this.#delivered + inFlight, 1);
  }

  /** A packet was acknowledged; `sample` follows for all that one acknowledgement named. */
  onAcked(packet: StampedPacket, now: number): void {
    this.#delivered += packet.size;
    this.#deliveredAt = now;
    const newest = this.#newest;
    const isNewer =
      newest === undefined ||
      packet.stamp.delivered > newest.stamp.delivered ||
      (packet.stamp.delivered === newest.stamp.delivered && packet.sentAt >= newest.sentAt);
    if (isNewer) this.#newest = packet;
  }

  /** @param minRttMs a shorter interval tells of bursts, not of the path. */
  sample(minRttMs: number): RateSample {
    const newest = this.#newest;
    this.#newest = undefined;
    if (this.#appLimitedUntil > 0 && this.#delivered > this.#appLimitedUntil) this.#appLimitedUntil = 0;
    const delivered = this.#delivered;
    if (newest === undefined) return { deliveryRate: 0, isAppLimited: true, delivered, priorDelivered: delivered };
    const { stamp, sentAt } = newest;
    this.#firstSentAt = sentAt;
    const intervalMs = Math.max(sentAt - stamp.firstSentAt, this.#deliveredAt - stamp.deliveredAt);
    const deliveryRate = intervalMs <= 0 || intervalMs < minRttMs ? 0 : (delivered - stamp.delivered) / intervalMs;
    return { deliveryRate, isAppLimited: stamp.isAppLimited, delivered, priorDelivered: stamp.delivered };
  }
}
