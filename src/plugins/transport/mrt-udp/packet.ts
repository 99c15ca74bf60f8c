import { crc32 } from '@node-rs/crc32';
import { asBuffer } from '../../../kit/index.ts';

/** What a packet is for; the number is its type on the wire. */
export const PACKET_TYPES = { initial: 1, retry: 2, handshake: 3, data: 4 } as const;
export type PacketType = keyof typeof PACKET_TYPES;

/** 64 random bits as 16 lower-case hex digits: chosen by the side that receives packets with it. */
export type ConnectionId = string;

/** What stands for the receiver in an Initial, whose sender does not know it yet. */
export const NO_CONNECTION: ConnectionId = '0'.repeat(16);

/** Format version, the high half of the first byte. */
export const VERSION = 1;

/** Bytes before the frames: version and type, receiver, packet number, CRC-32. */
export const HEADER_LENGTH = 21;

const RECEIVER_AT = 1;
const NUMBER_AT = 9;
const CRC_AT = 17;

export interface PacketHeader {
  readonly type: PacketType;
  readonly receiver: ConnectionId;
  /** Counts every packet of one sender of one connection; never used twice. */
  readonly number: number;
}

export interface Packet extends PacketHeader {
  /** The frames: a view of the datagram. */
  readonly payload: Uint8Array;
}

/** Why a datagram is no packet of ours. */
export type PacketFault = 'empty' | 'too short' | 'another version' | 'unknown type' | 'wrong checksum' | 'number';

const typesByCode = new Map(Object.entries(PACKET_TYPES).map(([name, code]) => [code, name as PacketType]));

/**
 * Takes a datagram apart as far as its header, or says why not. Never throws: most of what fails here is noise. The
 * checksum field is zeroed while it is computed, so the datagram must not be shared.
 */
export function decodePacket(datagram: Uint8Array): Packet | PacketFault {
  if (datagram.length === 0) return 'empty';
  if (datagram.length < HEADER_LENGTH) return 'too short';
  const bytes = asBuffer(datagram);
  const first = bytes.readUInt8(0);
  if (first >>> 4 !== VERSION) return 'another version';
  const type = typesByCode.get((first & 0x0f) as (typeof PACKET_TYPES)[PacketType]);
  if (type === undefined) return 'unknown type';
  const sum = bytes.readUInt32BE(CRC_AT);
  bytes.writeUInt32BE(0, CRC_AT);
  const computed = crc32(bytes);
  bytes.writeUInt32BE(sum, CRC_AT);
  if (computed !== sum) return 'wrong checksum';
  const number = bytes.readUInt32BE(NUMBER_AT) * 2 ** 32 + bytes.readUInt32BE(NUMBER_AT + 4);
  if (number > Number.MAX_SAFE_INTEGER) return 'number';
  const receiver = bytes.toString('hex', RECEIVER_AT, RECEIVER_AT + 8);
  return { type, receiver, number, payload: datagram.subarray(HEADER_LENGTH) };
}

/** What precedes the number in every packet of a type to a receiver. */
export function packetPrefix({ type, receiver }: Pick<PacketHeader, 'type' | 'receiver'>): Uint8Array {
  return Uint8Array.of((VERSION << 4) | PACKET_TYPES[type], ...Buffer.from(receiver, 'hex'));
}

/** Puts the header before frames that stand in `datagram` from HEADER_LENGTH on. */
export function sealPacket(datagram: Uint8Array, header: PacketHeader): Uint8Array {
  return sealPrefixed(datagram, packetPrefix(header), header.number);
}

/** The same for whoever keeps the prefix. */
export function sealPrefixed(datagram: Uint8Array, prefix: Uint8Array, number: number): Uint8Array {
  const bytes = asBuffer(datagram);
  bytes.set(prefix);
  bytes.writeUInt32BE(Math.floor(number / 2 ** 32), NUMBER_AT);
  bytes.writeUInt32BE(number % 2 ** 32, NUMBER_AT + 4);
  bytes.writeUInt32BE(0, CRC_AT);
  bytes.writeUInt32BE(crc32(bytes), CRC_AT);
  return datagram;
}
