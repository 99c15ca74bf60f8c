/** What an acknowledgement tells a congestion controller. Times in milliseconds of the caller's clock, sizes in bytes. */
export interface AckSample {
  readonly now: number;
  /** Bytes of the packets newly acknowledged. */
  readonly bytes: number;
  /** When the newest of them was sent. */
  readonly sentAt: number;
  /** Bytes in flight before and after it, and after the losses it showed. */
  readonly priorInFlight: number;
  readonly inFlight: number;
  /** Round-trip time it measured, less what the peer waited, where it acknowledged the newest packet it could. */
  readonly rttMs: number | undefined;
  readonly smoothedRttMs: number;
  /** Bytes acknowledged on this connection by now, and when the newest acknowledged packet was sent. */
  readonly delivered: number;
  readonly priorDelivered: number;
  /** Bytes a millisecond at which the path delivered since that packet was sent; 0 where the time was too short to tell. */
  readonly deliveryRate: number;
  /** Whether the sender, and not the path, may have limited that rate. */
  readonly isAppLimited: boolean;
}

/** What a loss tells a congestion controller. */
export interface LossSample {
  readonly now: number;
  /** Bytes of the packets found lost. */
  readonly bytes: number;
  /** When the newest lost packet was sent, and how much was in flight then, itself included. */
  readonly sentAt: number;
  readonly txInFlight: number;
  /** Whether everything sent for several round trips was lost (RFC 9002, section 7.6). */
  readonly persistent: boolean;
  readonly isAppLimited: boolean;
}

/** Decides how many bytes may be in flight, and how fast they leave. Pure: it is told the time and does nothing by itself. */
export interface CongestionController {
  /** Bytes that may be in flight. */
  readonly window: number;
  /** Bytes a millisecond at which packets may leave. */
  readonly pacingRate: number;
  /** Takes the losses that an acknowledgement showed before that acknowledgement itself. */
  onLoss(sample: LossSample): void;
  onAck(sample: AckSample): void;
  /** Packets taken for lost had only come late, and none of those taken for lost since then was really lost so far. */
  onSpuriousLoss(now: number): void;
  /** Full packets have another size from now on. */
  resize(datagramLength: number): void;
}

/** Makes the controller of a path. */
export type CongestionFactory = (path: {
  /** Bytes of a full packet. */
  readonly datagramLength: number;
  readonly rttMs: number;
  readonly now: number;
}) => CongestionController;

/** Bytes that may be in flight before anything is known of a path (RFC 9002, section 7.2). */
export function initialWindow(datagramLength: number): number {
  return Math.min(10 * datagramLength, Math.max(14_720, 2 * datagramLength));
}
