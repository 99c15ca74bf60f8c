import { asBuffer } from '../../kit/as-buffer.ts';
import type { NodeRecord } from '../records.ts';
import { decodeFrame, encodeMessage } from './codec.ts';
import type { DecodedFrame, HbMessage } from './message.ts';
import { FIELD_SEPARATOR } from './text-fields.ts';

/** The three numbers of a heartbeat that measure the round-trip time without clocks that agree: others on each connection. */
export type HeartbeatTimes = Pick<HbMessage, 'stamp' | 'echo' | 'heldMs'>;

const HEAD = Buffer.from(`HB${FIELD_SEPARATOR}`);
const SEPARATOR = FIELD_SEPARATOR.charCodeAt(0);
const NO_TIMES: HeartbeatTimes = { stamp: 0, echo: -1, heldMs: 0 };

/** The heartbeats of one beat: to each neighbour with its own times, to all with the same list of nodes, which is written once. */
export class HeartbeatFrames {
  readonly #list: Uint8Array;

  /** @throws ERR_MESSAGE where the nodes are more than one heartbeat holds; see `heartbeatNodes`. */
  constructor(connections: readonly NodeRecord[]) {
    const frame = encodeMessage({ type: 'HB', ...NO_TIMES, connections });
    this.#list = frame.subarray(listStart(frame));
  }

  /** The heartbeat for one neighbour. */
  frame(times: HeartbeatTimes): Uint8Array {
    const alone = encodeMessage({ type: 'HB', ...times, connections: [] });
    const start = listStart(alone);
    const frame = new Uint8Array(start + this.#list.length);
    frame.set(alone.subarray(0, start));
    frame.set(this.#list, start);
    return frame;
  }
}

/**
 * Reads the frames of one neighbour. Of its heartbeats hardly any names other nodes than the one before: a list that is the same to the byte is not
 * read again.
 */
export class HeartbeatReader {
  readonly #decodeOther: (frame: Uint8Array) => DecodedFrame;
  #list: Uint8Array | undefined;
  #connections: readonly NodeRecord[] = [];

  /** @param decodeOther reads what is no heartbeat. */
  constructor(decodeOther: (frame: Uint8Array) => DecodedFrame = decodeFrame) {
    this.#decodeOther = decodeOther;
  }

  /** As `decodeFrame`. */
  decode(frame: Uint8Array): DecodedFrame {
    const start = listStart(frame);
    if (start === -1) return this.#decodeOther(frame);
    const list = asBuffer(frame.subarray(start));
    const isKnown = this.#list !== undefined && list.equals(this.#list);
    // Without its list a heartbeat is whole: an absent list is empty.
    const message = decodeFrame(isKnown ? frame.subarray(0, start) : frame);
    if (message.type !== 'HB') return message;
    if (isKnown) return { ...message, connections: this.#connections };
    // A copy: the memory of the frame may be used again.
    this.#list = Uint8Array.from(list);
    this.#connections = message.connections;
    return message;
  }
}

/** Where the list of nodes begins in a heartbeat: at the separator behind its times; -1 in any other frame, and where it has no list. */
function listStart(frame: Uint8Array): number {
  return HEAD.every((byte, index) => frame[index] === byte) ? frame.indexOf(SEPARATOR, HEAD.length) : -1;
}
