/** What a side says beside frames: that its last frame is out, and that it has all that the other side sent up to there. */
export type Mark = 'closing' | 'received';

/**
 * What carries the frames and marks of one connection, whole and in order: a framed stream, a WebSocket. A ChannelConnection makes a
 * connection of it.
 */
export interface FrameChannel {
  /** Whether it takes more now; after it did not, the receiver's `writable` tells when it does. */
  readonly canWrite: boolean;
  /** Sends a frame, whatever `canWrite` says. Calls `taken`, at once or later, when the frame is the caller's again. */
  writeFrame(frame: Uint8Array, taken: () => void): void;
  /** Sends a mark, after all that was written before. */
  writeMark(mark: Mark): void;
  /** Takes nothing more from the network for now, so that the peer is held back; what was read already may still come. */
  pause(): void;
  resume(): void;
  /** Says that nothing more is written, and lets the channel end when both sides said so. */
  finish(): void;
  /** Ends the channel at once. The receiver hears nothing of it any more. */
  destroy(): void;
}

/** Who hears what comes over a channel. */
export interface ChannelReceiver {
  frame(frame: Uint8Array): void;
  mark(mark: Mark): void;
  /** The channel takes more again. */
  writable(): void;
  /** Nothing more comes, in order or for an error; told once. */
  gone(error?: Error): void;
}
