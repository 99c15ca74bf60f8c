import type { Logger } from '../../../kernel/index.ts';
import type { ReceivedPacket } from './connection-options.ts';
import { decodeFrames, type Frame } from './frames.ts';
import { decodePacket, type ConnectionId, type PacketType } from './packet.ts';
import { formatUdpAddress, type UdpAddress } from './udp-address.ts';

/** A packet as the log shows it. */
export interface LoggedPacket {
  /** The id under which this side receives; in a handshake, that of the packet's receiver. */
  readonly connection: ConnectionId;
  readonly type: PacketType;
  readonly packetNumber: number;
  readonly frames: readonly string[];
  /** Largest packet number it acknowledges. */
  readonly ack?: number | undefined;
  /** The window it advertises. */
  readonly window?: number | undefined;
  readonly rttMs?: number | undefined;
  /** Bytes of the datagram. */
  readonly size: number;
}

/** The packets of an endpoint in the log, at trace; ask `isEnabled` first: it costs as good as nothing otherwise. */
export class PacketLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get isEnabled(): boolean {
    return this.#logger.isEnabled('trace');
  }

  opened(connection: ConnectionId, remote: UdpAddress, rttMs: number | undefined): void {
    this.#logger.debug('mrt.connection.opened', { connection, remote: formatUdpAddress(remote), rttMs });
  }

  closed(connection: ConnectionId, remote: UdpAddress, error: Error | undefined): void {
    const fields = { connection, remote: formatUdpAddress(remote) };
    this.#logger.debug('mrt.connection.closed', error === undefined ? fields : { ...fields, reason: error.message });
  }

  sent(packet: LoggedPacket): void {
    this.#logger.trace('mrt.packet.sent', { ...packet });
  }

  /** A packet of no connection yet: an answer, or part of a handshake. */
  sentAlone(datagram: Uint8Array): void {
    const packet = decodePacket(datagram);
    if (typeof packet === 'string') return;
    const { receiver, type, number: packetNumber, payload } = packet;
    const frames = decodeFrames(payload).map(describe);
    this.sent({ connection: receiver, type, packetNumber, frames, size: datagram.length });
  }

  received(packet: Omit<LoggedPacket, 'frames' | 'ack' | 'window'>, frames: readonly Frame[]): void {
    const ack = frames.find((frame) => frame.type === 'ack')?.ranges[0]?.largest;
    const window = frames.find((frame) => frame.type === 'window')?.limit;
    this.#logger.trace('mrt.packet.received', { ...packet, ack, window, frames: frames.map(describe) });
  }

  /** @param connection the one that received it. */
  receivedData(connection: ConnectionId, { number: packetNumber, frames, size }: ReceivedPacket, rttMs: number): void {
    this.received({ connection, type: 'data', packetNumber, rttMs, size }, frames);
  }

  retransmitted(fields: {
    readonly connection: string;
    /** The packet given up, whose content goes out again. */
    readonly packetNumber: number;
    readonly cause: 'lost' | 'probe';
    readonly rttMs: number;
  }): void {
    this.#logger.trace('mrt.retransmit', fields);
  }
}

function describe(frame: Frame): string {
  return frame.type === 'stream' && frame.fin ? 'stream+fin' : frame.type;
}
