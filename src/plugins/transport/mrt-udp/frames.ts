import { NO_CONNECTION, type ConnectionId } from './packet.ts';
import { asBuffer } from '../../../kit/index.ts';
import { ByteReader, malformed, varintLength, type ByteWriter } from './wire.ts';

/** Most ranges in one acknowledgement, sent or taken. */
export const MAX_ACK_RANGES = 128;

/** Bytes of a reset token. */
export const RESET_TOKEN_LENGTH = 16;

/** Most bytes of a retry token. */
export const MAX_RETRY_TOKEN_LENGTH = 64;

/** Bytes of a path challenge and its response. */
export const PATH_TOKEN_LENGTH = 8;

/** Packet numbers from `smallest` to `largest`, both included. */
export interface AckRange {
  readonly smallest: number;
  readonly largest: number;
}

/** What each side tells of itself in the handshake. */
export interface Hello {
  /** The id under which its sender receives. */
  readonly sender: ConnectionId;
  /** What a reset by its sender will carry. */
  readonly resetToken: Uint8Array;
  /** First offset of the stream that may not be sent yet. */
  readonly window: number;
  /** Largest datagram its sender takes. */
  readonly maxDatagram: number;
  /** In a Handshake: number of the Initial it answers. In an Initial: 0. */
  readonly answers: number;
  /** In an Initial after a Retry: the token of that. Else empty. */
  readonly retryToken: Uint8Array;
}

export type Frame =
  | { readonly type: 'ping' }
  | { readonly type: 'ack'; readonly delayUs: number; /** Highest first. */ readonly ranges: readonly AckRange[] }
  | { readonly type: 'window'; readonly limit: number }
  | { readonly type: 'close'; readonly code: number }
  | { readonly type: 'reset'; readonly code: number; readonly token: Uint8Array }
  | { readonly type: 'pathChallenge' | 'pathResponse'; readonly token: Uint8Array }
  | { readonly type: 'stream'; readonly offset: number; readonly bytes: Uint8Array; readonly fin: boolean }
  | ({ readonly type: 'hello' } & Hello)
  | { readonly type: 'retry'; readonly token: Uint8Array }
  | { readonly type: 'reminder'; readonly sender: ConnectionId; readonly token: Uint8Array };

/** Numbers of the frame types on the wire. */
export const FRAME_TYPES = {
  padding: 0x00,
  ping: 0x01,
  ack: 0x02,
  window: 0x03,
  close: 0x04,
  reset: 0x05,
  pathChallenge: 0x06,
  pathResponse: 0x07,
  stream: 0x08,
  streamFin: 0x09,
  hello: 0x0a,
  retry: 0x0b,
  reminder: 0x0c,
} as const;

/** Codes of close (handshake refusals) and reset frames. */
export const CLOSE_CODES = {
  done: 0,
  notListening: 1,
  limit: 2,
  aborted: 3,
  violation: 4,
  unknown: 5,
  timeout: 6,
} as const;

const NO_GAPS: readonly number[] = [];

/** The frames of a packet in their order, padding left out. Throws ERR_PACKET where any of them is malformed. */
export function decodeFrames(payload: Uint8Array): Frame[] {
  const reader = new ByteReader(payload);
  const frames: Frame[] = [];
  reader.skipZeros();
  while (reader.remaining > 0) {
    frames.push(decodeFrame(reader));
    reader.skipZeros();
  }
  return frames;
}

function decodeFrame(reader: ByteReader): Frame {
  const type = reader.uint8();
  switch (type) {
    case FRAME_TYPES.ping:
      return { type: 'ping' };
    case FRAME_TYPES.ack:
      return decodeAck(reader);
    case FRAME_TYPES.window:
      return { type: 'window', limit: reader.varint() };
    case FRAME_TYPES.close:
      return { type: 'close', code: reader.varint() };
    case FRAME_TYPES.reset:
      return { type: 'reset', code: reader.varint(), token: reader.raw(RESET_TOKEN_LENGTH) };
    case FRAME_TYPES.pathChallenge:
      return { type: 'pathChallenge', token: reader.raw(PATH_TOKEN_LENGTH) };
    case FRAME_TYPES.pathResponse:
      return { type: 'pathResponse', token: reader.raw(PATH_TOKEN_LENGTH) };
    case FRAME_TYPES.stream:
    case FRAME_TYPES.streamFin:
      return decodeStream(reader, type === FRAME_TYPES.streamFin);
    case FRAME_TYPES.hello:
      return decodeHello(reader);
    case FRAME_TYPES.retry:
      return { type: 'retry', token: decodeRetryToken(reader) };
    case FRAME_TYPES.reminder:
      return { type: 'reminder', sender: decodeConnectionId(reader), token: reader.raw(RESET_TOKEN_LENGTH) };
    default:
      throw malformed(`unknown frame type ${type}`);
  }
}

function decodeAck(reader: ByteReader): Frame {
  const largest = reader.varint();
  const delayUs = reader.varint();
  const count = reader.varint();
  if (count < 1 || count > MAX_ACK_RANGES) throw malformed(`${count} ranges in an acknowledgement`);
  const ranges = [decodeRange(reader, largest)];
  for (let range = ranges[0]; range !== undefined && ranges.length < count; ranges.push(range)) {
    range = decodeRange(reader, range.smallest - reader.varint() - 2);
  }
  return { type: 'ack', delayUs, ranges };
}

function decodeRange(reader: ByteReader, largest: number): AckRange {
  const smallest = largest - reader.varint();
  if (smallest < 0) throw malformed('an acknowledgement goes below zero');
  return { smallest, largest };
}

function decodeStream(reader: ByteReader, fin: boolean): Frame {
  const offset = reader.varint();
  const bytes = reader.raw(reader.varint());
  if (offset + bytes.length > Number.MAX_SAFE_INTEGER) throw malformed('a stream offset is too large');
  return { type: 'stream', offset, bytes, fin };
}

function decodeHello(reader: ByteReader): Frame {
  const sender = decodeConnectionId(reader);
  const resetToken = reader.raw(RESET_TOKEN_LENGTH);
  const [window, maxDatagram, answers] = [reader.varint(), reader.varint(), reader.varint()];
  return { type: 'hello', sender, resetToken, window, maxDatagram, answers, retryToken: decodeRetryToken(reader) };
}

function decodeRetryToken(reader: ByteReader): Uint8Array {
  const length = reader.varint();
  if (length > MAX_RETRY_TOKEN_LENGTH) throw malformed(`a retry token of ${length} bytes`);
  return reader.raw(length);
}

function decodeConnectionId(reader: ByteReader): ConnectionId {
  const id = asBuffer(reader.raw(8)).toString('hex');
  if (id === NO_CONNECTION) throw malformed('a connection id of zeros');
  return id;
}

/** Writes one frame; the caller has seen to the room. */
export function writeFrame(writer: ByteWriter, frame: Frame): void {
  if (frame.type === 'stream') {
    writeStreamHeader(writer, { offset: frame.offset, length: frame.bytes.length, fin: frame.fin });
    writer.raw(frame.bytes);
    return;
  }
  if (frame.type === 'ack') {
    writeAck(writer, frame.delayUs, frame.ranges);
    return;
  }
  writer.uint8(FRAME_TYPES[frame.type]);
  switch (frame.type) {
    case 'window':
      writer.varint(frame.limit);
      break;
    case 'close':
      writer.varint(frame.code);
      break;
    case 'reset':
      writer.varint(frame.code);
      writer.raw(frame.token);
      break;
    case 'pathChallenge':
    case 'pathResponse':
      writer.raw(frame.token);
      break;
    case 'hello':
      writeHello(writer, frame);
      break;
    case 'retry':
      writer.varint(frame.token.length);
      writer.raw(frame.token);
      break;
    case 'reminder':
      writer.raw(Buffer.from(frame.sender, 'hex'));
      writer.raw(frame.token);
      break;
    case 'ping':
  }
}

/** What precedes the bytes of a stream frame, for writers that copy those themselves. */
export function writeStreamHeader(
  writer: ByteWriter,
  { offset, length, fin }: { readonly offset: number; readonly length: number; readonly fin: boolean },
): void {
  writer.uint8(fin ? FRAME_TYPES.streamFin : FRAME_TYPES.stream);
  writer.varint(offset);
  writer.varint(length);
}

/** Most bytes of a stream frame that fit into `room` with its header. */
export function streamRoom(offset: number, room: number): number {
  const left = room - 1 - varintLength(offset);
  return left - varintLength(Math.max(0, left));
}

/** Writes an acknowledgement with as many ranges, highest first, as there is room for; needs room for one. */
export function writeAck(writer: ByteWriter, delayUs: number, ranges: readonly AckRange[]): void {
  const first = ranges[0];
  if (first === undefined) return;
  const room = writer.remaining - 1 - varintLength(first.largest) - varintLength(delayUs) - 2 - 8;
  const gaps = ranges.length === 1 ? NO_GAPS : gapsWithin(room, ranges);
  writer.uint8(FRAME_TYPES.ack);
  writer.varint(first.largest);
  writer.varint(delayUs);
  writer.varint(1 + gaps.length / 2);
  writer.varint(first.largest - first.smallest);
  for (const field of gaps) writer.varint(field);
}

/** The fields of the ranges after the first, two for each, as many as fit into `room`. */
function gapsWithin(room: number, ranges: readonly AckRange[]): readonly number[] {
  const fields: number[] = [];
  let left = room;
  let previous: AckRange | undefined;
  for (const range of ranges.slice(0, MAX_ACK_RANGES)) {
    if (previous !== undefined) {
      const gap = previous.smallest - range.largest - 2;
      const length = range.largest - range.smallest;
      left -= varintLength(gap) + varintLength(length);
      if (left < 0) break;
      fields.push(gap, length);
    }
    previous = range;
  }
  return fields;
}

function writeHello(writer: ByteWriter, hello: Hello): void {
  writer.raw(Buffer.from(hello.sender, 'hex'));
  writer.raw(hello.resetToken);
  for (const field of [hello.window, hello.maxDatagram, hello.answers, hello.retryToken.length]) writer.varint(field);
  writer.raw(hello.retryToken);
}
