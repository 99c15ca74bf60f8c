import { createHmac, timingSafeEqual } from 'node:crypto';
import { KernelError, type ErrorCode } from '../../kernel/index.ts';
import { asBuffer } from '../../kit/as-buffer.ts';

/** Major version of the protocol: nodes of different ones do not talk to each other. */
export const MAJOR_VERSION = 1;

/** Longest name of a cipher, in bytes; it is printable ASCII without blanks. */
const MAX_CIPHER_NAME_LENGTH = 32;

/** Bytes of Noise message 1 of XXpsk3 with an empty payload: an ephemeral key and a tag. */
export const FIRST_MESSAGE_LENGTH = 48;

/** Every hello and every reject starts with it. */
const MAGIC = Uint8Array.from(Buffer.from('peerhold', 'ascii'));
const VERSION_OFFSET = MAGIC.length;
const NAME_LENGTH_OFFSET = VERSION_OFFSET + 2;
const TAG_LENGTH = 16;

const REJECT_CODE_OFFSET = NAME_LENGTH_OFFSET;
const REJECT_NAME_OFFSET = REJECT_CODE_OFFSET + 1;

/** Bytes of every reject: fewer than of any hello, so that it never amplifies. */
export const REJECT_LENGTH = REJECT_NAME_OFFSET + MAX_CIPHER_NAME_LENGTH;

/** What a reject can say, by the number it goes under. */
const REJECT_CODES = new Map<number, ErrorCode>([
  [1, 'ERR_HANDSHAKE'],
  [2, 'ERR_VERSION_DIFFERS'],
  [3, 'ERR_KEY_DIFFERS'],
  [4, 'ERR_CIPHER_DIFFERS'],
]);

/** What a side stands for before the handshake. */
export interface HelloTerms {
  readonly version: number;
  readonly cipherName: string;
  /** Key of the tag: 32 bytes. */
  readonly helloKey: Uint8Array;
}

/** A hello that passed every check. */
export interface Hello {
  /** The clear fields as they stand on the wire: the handshake's prologue. */
  readonly clearFields: Uint8Array;
  /** Noise message 1. */
  readonly firstMessage: Uint8Array;
  readonly tag: Uint8Array;
}

/** Why the other side does not go on. Nothing proves who wrote it: it is a reason for one's own failed dial and for nothing else. */
export interface Reject {
  readonly code: ErrorCode;
  readonly version: number;
  /** The rejecting side's cipher, where that is what differs; '' otherwise. */
  readonly cipherName: string;
}

/** Whether the text can stand in a hello as the name of a cipher. */
export function isCipherName(name: string): boolean {
  return name.length <= MAX_CIPHER_NAME_LENGTH && /^[!-~]+$/.test(name);
}

/** The clear fields of a hello: magic, major version, length of the cipher's name, the name. */
export function encodeClearFields({ version, cipherName }: Omit<HelloTerms, 'helloKey'>): Uint8Array {
  const fields = Buffer.alloc(NAME_LENGTH_OFFSET + 1 + cipherName.length);
  fields.set(MAGIC);
  fields.writeUInt16BE(version, VERSION_OFFSET);
  fields.writeUInt8(cipherName.length, NAME_LENGTH_OFFSET);
  fields.write(cipherName, NAME_LENGTH_OFFSET + 1, 'ascii');
  return fields;
}

/** The dialler's first frame: clear fields, Noise message 1, and a tag over both. */
export function encodeHello(terms: HelloTerms, firstMessage: Uint8Array): Uint8Array {
  const signed = Buffer.concat([encodeClearFields(terms), firstMessage]);
  return Buffer.concat([signed, helloTag(terms.helloKey, signed)]);
}

/**
 * Checks a dialler's first frame against what this side stands for: magic, version, tag, cipher, in that order; no curve is touched.
 *
 * @throws ERR_HANDSHAKE, ERR_VERSION_DIFFERS, ERR_KEY_DIFFERS or ERR_CIPHER_DIFFERS, naming both values where both are known.
 */
export function checkHello(frame: Uint8Array, terms: HelloTerms): Hello {
  if (frame.length <= NAME_LENGTH_OFFSET || !startsWithMagic(frame)) {
    throw new KernelError('ERR_HANDSHAKE', `the peer sent no hello of this protocol but ${preview(frame)}`);
  }
  const bytes = asBuffer(frame);
  const version = bytes.readUInt16BE(VERSION_OFFSET);
  if (version !== terms.version) throw versionDiffers(version, terms.version);

  const clearLength = NAME_LENGTH_OFFSET + 1 + bytes.readUInt8(NAME_LENGTH_OFFSET);
  const tagOffset = clearLength + FIRST_MESSAGE_LENGTH;
  if (clearLength > NAME_LENGTH_OFFSET + 1 + MAX_CIPHER_NAME_LENGTH || bytes.length !== tagOffset + TAG_LENGTH) {
    throw new KernelError('ERR_HANDSHAKE', `the peer sent a malformed hello of ${frame.length} bytes`);
  }
  if (!timingSafeEqual(bytes.subarray(tagOffset), helloTag(terms.helloKey, bytes.subarray(0, tagOffset)))) {
    throw keyDiffers();
  }
  const cipherName = bytes.toString('latin1', NAME_LENGTH_OFFSET + 1, clearLength);
  if (cipherName !== terms.cipherName) throw cipherDiffers(cipherName, terms.cipherName);
  return {
    clearFields: frame.subarray(0, clearLength),
    firstMessage: frame.subarray(clearLength, tagOffset),
    tag: frame.subarray(tagOffset),
  };
}

/** What answers a hello that failed `checkHello` with this code. It tells the cipher only to a dialler that proved the shared key. */
export function encodeReject(code: ErrorCode, terms: HelloTerms): Uint8Array {
  const number = [...REJECT_CODES].find(([, each]) => each === code)?.[0];
  if (number === undefined) throw new RangeError(`no reject says ${code}`);
  const reject = Buffer.alloc(REJECT_LENGTH);
  reject.set(MAGIC);
  reject.writeUInt16BE(terms.version, VERSION_OFFSET);
  reject.writeUInt8(number, REJECT_CODE_OFFSET);
  if (code === 'ERR_CIPHER_DIFFERS') reject.write(terms.cipherName, REJECT_NAME_OFFSET, 'ascii');
  return reject;
}

/** The reject that a frame holds, or `undefined` where it is something else. Rejects keep this form in every version. */
export function decodeReject(frame: Uint8Array): Reject | undefined {
  if (frame.length !== REJECT_LENGTH || !startsWithMagic(frame)) return undefined;
  const bytes = asBuffer(frame);
  const name = bytes.toString('latin1', REJECT_NAME_OFFSET).replace(/\0+$/, '');
  return {
    // A code of a later version still says that the handshake is over.
    code: REJECT_CODES.get(bytes.readUInt8(REJECT_CODE_OFFSET)) ?? 'ERR_HANDSHAKE',
    version: bytes.readUInt16BE(VERSION_OFFSET),
    cipherName: isCipherName(name) ? name : '',
  };
}

/** The error of a dial that was answered with a reject. */
export function rejectError(reject: Reject, terms: HelloTerms): KernelError {
  switch (reject.code) {
    case 'ERR_VERSION_DIFFERS':
      return versionDiffers(reject.version, terms.version);
    case 'ERR_KEY_DIFFERS':
      return keyDiffers();
    case 'ERR_CIPHER_DIFFERS':
      return cipherDiffers(reject.cipherName, terms.cipherName);
    default:
      return new KernelError('ERR_HANDSHAKE', 'the peer found our hello malformed');
  }
}

/** The start of what a peer sent, for an error message: in hex, since it may be anything. */
export function preview(frame: Uint8Array): string {
  if (frame.length === 0) return 'an empty frame';
  const start = Buffer.from(frame.subarray(0, 16)).toString('hex');
  return `${frame.length} bytes${frame.length > 16 ? ' that start with' : ':'} ${start}`;
}

function startsWithMagic(frame: Uint8Array): boolean {
  return MAGIC.every((byte, index) => frame[index] === byte);
}

function helloTag(key: Uint8Array, signed: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(signed).digest().subarray(0, TAG_LENGTH);
}

function versionDiffers(theirs: number, ours: number): KernelError {
  return new KernelError('ERR_VERSION_DIFFERS', `the peer speaks version ${theirs} of the protocol, this node ${ours}`);
}

function keyDiffers(): KernelError {
  return new KernelError('ERR_KEY_DIFFERS', 'the peer has another shared key than this node');
}

function cipherDiffers(theirs: string, ours: string): KernelError {
  const named = isCipherName(theirs) ? `the cipher ${theirs}` : 'another cipher';
  return new KernelError('ERR_CIPHER_DIFFERS', `the peer uses ${named}, this node ${ours}`);
}
