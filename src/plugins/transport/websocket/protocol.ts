/** The subprotocol that both sides name, so that no other WebSocket is taken for one of ours. */
export const SUBPROTOCOL = 'peerhold';

/** What ws is told on both sides: compression costs memory and gains nothing on sealed frames, and what comes is bounded. */
export function socketOptions(maxFrameLength: number) {
  return {
    perMessageDeflate: false,
    maxPayload: maxFrameLength,
    // A message may come in small pieces, but in no more than bring it forward.
    maxFragments: 1_024,
    maxBufferedChunks: 16_384,
  } as const;
}
