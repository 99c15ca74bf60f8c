import { BASE_DATAGRAM } from './constants.ts';
import { writeFrame, type Frame } from './frames.ts';
import { HEADER_LENGTH, sealPacket, type PacketHeader } from './packet.ts';
import { ByteWriter } from './wire.ts';

/** Room for the largest frame of a handshake. */
const LARGEST_FRAME = 160;

/** A packet of one frame. An Initial is padded, so that every answer to it is smaller. */
export function packetOf(header: PacketHeader, frame: Frame): Uint8Array {
  const writer = new ByteWriter(Buffer.alloc(HEADER_LENGTH + LARGEST_FRAME), HEADER_LENGTH);
  writeFrame(writer, frame);
  const datagram = Buffer.alloc(header.type === 'initial' ? BASE_DATAGRAM : writer.position);
  datagram.set(writer.bytes.subarray(0, writer.position));
  return sealPacket(datagram, header);
}
