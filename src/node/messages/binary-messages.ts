import { KernelError } from '../../kernel/index.ts';
import { uninitialised } from '../../kit/uninitialised.ts';
import { MAX_MANIFEST_LENGTH } from '../pieces/manifest.ts';
import { quote } from './display.ts';
import { MAX_CODE_LENGTH, MAX_NUMBER, MAX_PIECES, MAX_RANGE_LENGTH } from './limits.ts';
import type { BinaryMessage, DecodedFrame, HaveMessage, ManifestMessage, ManifestRequestMessage } from './message.ts';

/** The first byte of each binary message; below 0x20, where no text begins. */
const TYPE_BYTES = {
  REQUEST: 0x01,
  DATA: 0x02,
  REFUSE: 0x03,
  DONE: 0x04,
  MANIFEST_REQUEST: 0x05,
  MANIFEST: 0x06,
  HAVE: 0x07,
} as const satisfies Record<BinaryMessage['type'], number>;

// Offsets and lengths in bytes: type, transfer number, then position and length and more, a code with its length before it, or a piece.
const TRANSFER_OFFSET = 1;
const TRANSFER_LENGTH = 16;
const HEAD_LENGTH = TRANSFER_OFFSET + TRANSFER_LENGTH;
const POSITION_OFFSET = HEAD_LENGTH;
const LENGTH_OFFSET = POSITION_OFFSET + 8;
const REQUEST_LENGTH = LENGTH_OFFSET + 4;
/** Bytes of a DATA before its content. */
export const DATA_OFFSET = POSITION_OFFSET + 8;
const CODE_OFFSET = HEAD_LENGTH + 1;
const MANIFEST_HASH_OFFSET = LENGTH_OFFSET + 4;
const MANIFEST_HASH_LENGTH = 32;
const MANIFEST_REQUEST_LENGTH = MANIFEST_HASH_OFFSET + MANIFEST_HASH_LENGTH;
const TOTAL_OFFSET = POSITION_OFFSET + 8;
const MANIFEST_OFFSET = TOTAL_OFFSET + 4;
const FIRST_PIECE_OFFSET = HEAD_LENGTH;
const BITMAP_OFFSET = FIRST_PIECE_OFFSET + 4;

/** Messages about a range of bytes. */
type RangeType = 'REQUEST' | 'DATA' | 'MANIFEST_REQUEST' | 'MANIFEST';

const CODE = /^[A-Z][A-Z0-9_]*$/;

/** Whether a frame with this first byte is a binary message, known or not. */
export function isBinaryType(byte: number): boolean {
  return byte < 0x20;
}

/** The message in a binary frame; the bytes of DATA, MANIFEST and HAVE are a view of it, not a copy. @throws ERR_MESSAGE */
export function decodeBinary(frame: Uint8Array): DecodedFrame {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  switch (frame[0]) {
    case TYPE_BYTES.REQUEST: {
      demandLength('REQUEST', frame, REQUEST_LENGTH);
      const length = view.getUint32(LENGTH_OFFSET);
      return { type: 'REQUEST', transfer: transferOf(frame), ...range('REQUEST', view, length), length };
    }
    case TYPE_BYTES.DATA: {
      demandLength('DATA', frame, DATA_OFFSET);
      const bytes = frame.subarray(DATA_OFFSET);
      return { type: 'DATA', transfer: transferOf(frame), ...range('DATA', view, bytes.length), bytes };
    }
    case TYPE_BYTES.REFUSE: {
      demandLength('REFUSE', frame, CODE_OFFSET);
      const length = view.getUint8(HEAD_LENGTH);
      demandLength('REFUSE', frame, CODE_OFFSET + length);
      const code = Buffer.from(frame.subarray(CODE_OFFSET, CODE_OFFSET + length)).toString('latin1');
      checkCode(code);
      return { type: 'REFUSE', transfer: transferOf(frame), code };
    }
    case TYPE_BYTES.DONE: {
      demandLength('DONE', frame, HEAD_LENGTH);
      return { type: 'DONE', transfer: transferOf(frame) };
    }
    case TYPE_BYTES.MANIFEST_REQUEST:
      return decodeManifestRequest(frame, view);
    case TYPE_BYTES.MANIFEST:
      return decodeManifest(frame, view);
    case TYPE_BYTES.HAVE:
      return decodeHave(frame, view);
    default:
      return { type: 'UNKNOWN', name: `0x${(frame[0] ?? 0).toString(16).padStart(2, '0')}` };
  }
}

/** The frame of a binary message. @throws ERR_MESSAGE where a peer would refuse it */
export function encodeBinary(message: BinaryMessage): Uint8Array {
  switch (message.type) {
    case 'REQUEST': {
      checkRange('REQUEST', message.position, message.length);
      const { frame, view } = newFrame(message, REQUEST_LENGTH);
      view.setBigUint64(POSITION_OFFSET, BigInt(message.position));
      view.setUint32(LENGTH_OFFSET, message.length);
      return frame;
    }
    case 'DATA': {
      checkRange('DATA', message.position, message.bytes.length);
      const { frame, view } = newFrame(message, DATA_OFFSET + message.bytes.length);
      view.setBigUint64(POSITION_OFFSET, BigInt(message.position));
      frame.set(message.bytes, DATA_OFFSET);
      return frame;
    }
    case 'REFUSE': {
      checkCode(message.code);
      const { frame, view } = newFrame(message, CODE_OFFSET + message.code.length);
      view.setUint8(HEAD_LENGTH, message.code.length);
      frame.set(Buffer.from(message.code, 'latin1'), CODE_OFFSET);
      return frame;
    }
    case 'DONE':
      return newFrame(message, HEAD_LENGTH).frame;
    case 'MANIFEST_REQUEST':
      return encodeManifestRequest(message);
    case 'MANIFEST':
      return encodeManifest(message);
    case 'HAVE':
      return encodeHave(message);
  }
}

function decodeManifestRequest(frame: Uint8Array, view: DataView): ManifestRequestMessage {
  demandLength('MANIFEST_REQUEST', frame, MANIFEST_REQUEST_LENGTH);
  const length = view.getUint32(LENGTH_OFFSET);
  const manifest = hexOf(frame, MANIFEST_HASH_OFFSET, MANIFEST_HASH_LENGTH);
  const { position } = range('MANIFEST_REQUEST', view, length);
  return { type: 'MANIFEST_REQUEST', transfer: transferOf(frame), position, length, manifest };
}

function encodeManifestRequest(message: ManifestRequestMessage): Uint8Array {
  const { position, length, manifest } = message;
  checkRange('MANIFEST_REQUEST', position, length);
  if (!/^[0-9a-f]{64}$/.test(manifest)) {
    throw malformed('MANIFEST_REQUEST', 'manifest', `expected 64 lower-case hex digits, got ${quote(manifest)}`);
  }
  const { frame, view } = newFrame(message, MANIFEST_REQUEST_LENGTH);
  view.setBigUint64(POSITION_OFFSET, BigInt(position));
  view.setUint32(LENGTH_OFFSET, length);
  frame.set(Buffer.from(manifest, 'hex'), MANIFEST_HASH_OFFSET);
  return frame;
}

function decodeManifest(frame: Uint8Array, view: DataView): ManifestMessage {
  demandLength('MANIFEST', frame, MANIFEST_OFFSET);
  const position = Number(view.getBigUint64(POSITION_OFFSET));
  const total = view.getUint32(TOTAL_OFFSET);
  const bytes = frame.subarray(MANIFEST_OFFSET);
  checkManifest({ position, total, length: bytes.length });
  return { type: 'MANIFEST', transfer: transferOf(frame), position, total, bytes };
}

function encodeManifest(message: ManifestMessage): Uint8Array {
  const { position, total, bytes } = message;
  checkManifest({ position, total, length: bytes.length });
  const { frame, view } = newFrame(message, MANIFEST_OFFSET + bytes.length);
  view.setBigUint64(POSITION_OFFSET, BigInt(position));
  view.setUint32(TOTAL_OFFSET, total);
  frame.set(bytes, MANIFEST_OFFSET);
  return frame;
}

/** Either none of a manifest the sender does not have, or a range of one. */
function checkManifest(part: { readonly position: number; readonly total: number; readonly length: number }): void {
  const { position, total, length } = part;
  if (total > MAX_MANIFEST_LENGTH) {
    throw malformed('MANIFEST', 'total', `expected up to ${MAX_MANIFEST_LENGTH} bytes, got ${total}`);
  }
  if (total === 0 && length === 0) return;
  checkRange('MANIFEST', position, length);
  if (position + length > total) {
    throw malformed('MANIFEST', 'position', `expected a range of ${total} bytes, got ${position} + ${length}`);
  }
}

function decodeHave(frame: Uint8Array, view: DataView): HaveMessage {
  demandLength('HAVE', frame, BITMAP_OFFSET);
  const first = view.getUint32(FIRST_PIECE_OFFSET);
  const bitmap = frame.subarray(BITMAP_OFFSET);
  checkPieces(first, bitmap);
  return { type: 'HAVE', transfer: transferOf(frame), first, bitmap };
}

function encodeHave(message: HaveMessage): Uint8Array {
  const { first, bitmap } = message;
  checkPieces(first, bitmap);
  const { frame, view } = newFrame(message, BITMAP_OFFSET + bitmap.length);
  view.setUint32(FIRST_PIECE_OFFSET, first);
  frame.set(bitmap, BITMAP_OFFSET);
  return frame;
}

function checkPieces(first: number, bitmap: Uint8Array): void {
  if (!Number.isInteger(first) || first < 0 || first % 8 !== 0 || first >= MAX_PIECES) {
    throw malformed('HAVE', 'first', `expected a multiple of 8 below ${MAX_PIECES}, got ${first}`);
  }
  if (first + 8 * bitmap.length > MAX_PIECES) {
    throw malformed('HAVE', 'bitmap', `expected up to ${(MAX_PIECES - first) / 8} bytes, got ${bitmap.length}`);
  }
}

function newFrame({ type, transfer }: BinaryMessage, length: number): { frame: Uint8Array; view: DataView } {
  if (!/^[0-9a-f]{32}$/.test(transfer)) {
    throw malformed(type, 'transfer number', `expected 32 lower-case hex digits, got ${quote(transfer)}`);
  }
  const frame = uninitialised(length);
  frame[0] = TYPE_BYTES[type];
  frame.set(Buffer.from(transfer, 'hex'), TRANSFER_OFFSET);
  return { frame, view: new DataView(frame.buffer) };
}

function transferOf(frame: Uint8Array): string {
  return hexOf(frame, TRANSFER_OFFSET, TRANSFER_LENGTH);
}

function hexOf(frame: Uint8Array, offset: number, length: number): string {
  return Buffer.from(frame.buffer, frame.byteOffset + offset, length).toString('hex');
}

function range(type: RangeType, view: DataView, length: number): { position: number } {
  const position = Number(view.getBigUint64(POSITION_OFFSET));
  checkRange(type, position, length);
  return { position };
}

function checkRange(type: RangeType, position: number, length: number): void {
  if (!Number.isInteger(length) || length < 1 || length > MAX_RANGE_LENGTH) {
    throw malformed(type, 'length', `expected 1 to ${MAX_RANGE_LENGTH} bytes, got ${length}`);
  }
  // Numbers above the limit lose digits on the way here, but never so many that they come out below it.
  if (!Number.isInteger(position) || position < 0 || position + length > MAX_NUMBER) {
    throw malformed(
      type,
      'position',
      `expected a range that ends at byte ${MAX_NUMBER} or before, got ${position} + ${length}`,
    );
  }
}

function checkCode(code: string): void {
  if (!CODE.test(code) || code.length > MAX_CODE_LENGTH) {
    throw malformed('REFUSE', 'code', `expected 1 to ${MAX_CODE_LENGTH} of A-Z 0-9 _, got ${quote(code)}`);
  }
}

function demandLength(type: BinaryMessage['type'], frame: Uint8Array, length: number): void {
  if (frame.length < length) throw malformed(type, 'frame', `expected ${length} bytes or more, got ${frame.length}`);
}

function malformed(type: BinaryMessage['type'], field: string, problem: string): KernelError {
  return new KernelError('ERR_MESSAGE', `${type}: ${field}: ${problem}`);
}
