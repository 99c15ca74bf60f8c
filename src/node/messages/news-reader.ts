import { asBuffer } from '../../kit/as-buffer.ts';
import { decodeFrame } from './codec.ts';
import type { DecodedFrame, FileMessage, JoinMessage } from './message.ts';
import { FIELD_SEPARATOR } from './text-fields.ts';

/** What is remembered: news goes around within a round trip or two, and few things are news at once. */
const MAX_REMEMBERED = 8;
const MAX_REMEMBERED_BYTES = 64 * 1024;

const JOIN = Buffer.from(`JOIN${FIELD_SEPARATOR}`);
const FILE = Buffer.from(`FILE${FIELD_SEPARATOR}`);
const SEPARATOR = FIELD_SEPARATOR.charCodeAt(0);
const NONE = '0'.charCodeAt(0);

/**
 * Reads the frames of all neighbours of a node. Each of them passes the same news on, FILE to the byte, JOIN but for the record of the neighbour itself,
 * which stands first: what was read of one frame is not read again of the next.
 */
export class NewsReader {
  /** By the bytes that repeat, as text; oldest first. */
  readonly #known = new Map<string, FileMessage | JoinMessage>();
  #bytes = 0;

  /** As `decodeFrame`. */
  decode(frame: Uint8Array): DecodedFrame {
    const start = repeatedFrom(frame);
    if (start === -1) return decodeFrame(frame);
    const text = asBuffer(frame).toString('latin1', start);
    const known = this.#known.get(text);
    if (known?.type === 'FILE') return known;
    // Without the others a JOIN is whole: an absent list is empty.
    const message = decodeFrame(known === undefined ? frame : frame.subarray(0, start));
    if (message.type === 'JOIN' && known !== undefined) return { ...message, others: known.others };
    if (message.type === 'JOIN' || message.type === 'FILE') this.#remember(text, message);
    return message;
  }

  #remember(text: string, message: FileMessage | JoinMessage): void {
    this.#known.set(text, message);
    this.#bytes += text.length;
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_REMEMBERED && this.#bytes <= MAX_REMEMBERED_BYTES) return;
      this.#known.delete(oldest);
      this.#bytes -= oldest.length;
    }
  }
}

/** From where on a frame may come again from another neighbour: of a JOIN that tells of no files of the neighbour itself what stands behind that; -1 where nothing does. */
function repeatedFrom(frame: Uint8Array): number {
  if (startsWith(frame, FILE)) return 0;
  if (!startsWith(frame, JOIN)) return -1;
  const count = frame.indexOf(SEPARATOR, JOIN.length) + 1;
  return count > 0 && frame[count] === NONE && frame[count + 1] === SEPARATOR ? count + 1 : -1;
}

function startsWith(frame: Uint8Array, head: Uint8Array): boolean {
  return head.every((byte, index) => frame[index] === byte);
}
