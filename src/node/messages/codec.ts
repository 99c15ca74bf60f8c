import { MAX_FRAME_LENGTH } from '../../kernel/index.ts';
import { decodeBinary, encodeBinary, isBinaryType } from './binary-messages.ts';
import { MAX_TEXT_LENGTH } from './limits.ts';
import type { BinaryMessage, DecodedFrame, Message, TextMessage } from './message.ts';
import { FIELD_SEPARATOR, FieldReader, FieldWriter, malformed } from './text-fields.ts';
import { isTextType, readTextMessage, writeTextMessage } from './text-messages.ts';

/** The type of a text message: what stands before the first separator. */
const TYPE = /^[A-Z][A-Z0-9]{0,15}$/;
const CONTROL_CHARACTER = /\p{Cc}/u;

const encoder = new TextEncoder();
/** Keeps a byte order mark: it is a character of the text, and dropping it would change a name. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The one frame that stands for a message (`docs/protocol.md`): `decodeFrame` gives back what went in.
 *
 * @throws ERR_MESSAGE naming message type, field and limit, where a peer would refuse it.
 */
export function encodeMessage(message: Message): Uint8Array {
  return isBinary(message) ? encodeBinary(message) : encodeText(message);
}

/**
 * What a frame of a peer says. Of DATA the bytes are a view of the frame. The time it takes is linear in the frame's length.
 *
 * @throws ERR_MESSAGE naming message type, field and limit, for anything malformed or beyond a limit; nothing else is ever thrown.
 */
export function decodeFrame(frame: Uint8Array): DecodedFrame {
  const first = frame[0];
  if (first === undefined) throw malformed('frame', 'it is empty');
  if (frame.length > MAX_FRAME_LENGTH) {
    throw malformed('frame', `it has ${frame.length} bytes, at most ${MAX_FRAME_LENGTH} are allowed`);
  }
  return isBinaryType(first) ? decodeBinary(frame) : decodeText(frame);
}

function encodeText(message: TextMessage): Uint8Array {
  const writer = new FieldWriter(message.type);
  writeTextMessage(writer, message);
  const frame = encoder.encode(message.type + FIELD_SEPARATOR + writer.join(FIELD_SEPARATOR));
  checkTextLength(message.type, frame);
  return frame;
}

function decodeText(frame: Uint8Array): DecodedFrame {
  checkTextLength('frame', frame);
  const [type = '', ...fields] = textOf(frame).split(FIELD_SEPARATOR);
  if (!TYPE.test(type)) throw malformed('frame', 'it begins neither with a message type nor with a byte below 0x20');
  return isTextType(type) ? readTextMessage(type, new FieldReader(type, fields)) : { type: 'UNKNOWN', name: type };
}

function textOf(frame: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(frame);
  } catch (error) {
    throw malformed('frame', 'it is not valid UTF-8', error);
  }
  if (CONTROL_CHARACTER.test(text))
    throw malformed('frame', 'it holds a control character that is not percent-encoded');
  return text;
}

function checkTextLength(path: string, frame: Uint8Array): void {
  if (frame.length <= MAX_TEXT_LENGTH) return;
  throw malformed(path, `a text message of ${frame.length} bytes, at most ${MAX_TEXT_LENGTH} are allowed`);
}

function isBinary(message: Message): message is BinaryMessage {
  return !isTextType(message.type);
}
