/** What an acknowledgement tells a congestion controller. Times in milliseconds of the caller's clock. */
export interface AckSample {
  readonly now: number;
  /** Bytes of the packets newly acknowledged. */
  readonly bytes: number;
  /** When the newest of them was sent. */
  readonly sentAt: number;
  /** Bytes in flight before this acknowledgement. */
  readonly inFlight: number;
}

/** What a loss tells a congestion controller. */
export interface LossSample {
  readonly now: number;
  /** When the newest lost packet was sent. */
  readonly sentAt: number;
  /** Whether everything sent for several round trips was lost (RFC 9002, section 7.6). */
  readonly persistent: boolean;
}

/** Decides how many bytes may be in flight. Pure: it is told the time and does nothing by itself. */
export interface CongestionController {
  /** Bytes that may be in flight. */
  readonly window: number;
  onAck(sample: AckSample): void;
  onLoss(sample: LossSample): void;
}
