import type { Range } from '../../../kit/range-set.ts';
import type { DeliveryStamp } from './congestion/delivery-rate.ts';

/** What a packet that wants an acknowledgement carried, as far as its fate matters. */
export interface PacketContent {
  readonly number: number;
  readonly sentAt: number;
  /** Bytes of the datagram. */
  readonly size: number;
  /** The part of the stream in it. */
  readonly stream: (Range & { readonly fin: boolean }) | undefined;
  /** Whether it carried our window. */
  readonly window: boolean;
  /** Largest packet number acknowledged in it, or -1: the peer need not hear of those again. */
  readonly acknowledged: number;
  /** Whether it is there to find out whether datagrams of its size arrive: its loss says nothing else. */
  readonly isSizeProbe: boolean;
}

export interface SentPacket extends PacketContent {
  readonly stamp: DeliveryStamp;
}

/** Slots that are kept although nothing is in flight: messages one at a time would else each make a queue. */
const KEPT_SLOTS = 64;

/** Packets in flight by number: a queue with holes. Numbers only rise. */
export class SentPackets {
  #slots: (SentPacket | undefined)[] = [];
  /** Index in #slots of the oldest packet in flight, or the length. */
  #head = 0;
  /** Number of the packet at #slots[0]. */
  #base = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): SentPacket | undefined {
    return this.#slots[this.#head];
  }

  add(packet: SentPacket): void {
    const isEmpty = this.#head === this.#slots.length;
    if (isEmpty && packet.number - this.#base >= KEPT_SLOTS) {
      this.#slots = [];
      this.#base = packet.number;
    }
    while (this.#base + this.#slots.length < packet.number) this.#slots.push(undefined);
    if (isEmpty) this.#head = this.#slots.length;
    this.#slots.push(packet);
    this.#bytes += inFlight(packet);
  }

  /** Takes out the packets in flight with numbers from `smallest` to `largest`, both included, and appends them to `taken`. */
  take(smallest: number, largest: number, taken: SentPacket[]): void {
    const from = Math.max(smallest - this.#base, this.#head);
    const to = Math.min(largest - this.#base, this.#slots.length - 1);
    for (let index = from; index <= to; index += 1) {
      const packet = this.#slots[index];
      if (packet === undefined) continue;
      taken.push(packet);
      this.#slots[index] = undefined;
      this.#bytes -= inFlight(packet);
    }
    if (from === this.#head) this.#advance();
  }

  /** Takes out the oldest packet in flight. */
  shift(): SentPacket | undefined {
    const packet = this.oldest;
    if (packet === undefined) return undefined;
    this.#slots[this.#head] = undefined;
    this.#bytes -= inFlight(packet);
    this.#advance();
    return packet;
  }

  /**
   * The oldest packets in flight, `count` at most, and before them the one with the first part of the stream where it is younger: what was lost flies
   * again under a higher number, and a receiver without room takes nothing else.
   */
  first(count: number): SentPacket[] {
    const packets = this.#slots.slice(this.#head).filter((packet) => packet !== undefined);
    const [oldest] = packets;
    if (oldest === undefined) return [];
    const next = packets.reduce((first, packet) => (startOf(packet) < startOf(first) ? packet : first), oldest);
    return [...new Set([next, ...packets])].slice(0, count);
  }

  #advance(): void {
    while (this.#head < this.#slots.length && this.#slots[this.#head] === undefined) this.#head += 1;
    if (this.#head < 1_024 || this.#head * 2 < this.#slots.length) return;
    this.#slots = this.#slots.slice(this.#head);
    this.#base += this.#head;
    this.#head = 0;
  }
}

function startOf({ stream }: SentPacket): number {
  return stream?.start ?? Number.MAX_SAFE_INTEGER;
}

/** Bytes that count towards the congestion window: probes of a size are few, and must not keep others from leaving. */
function inFlight({ size, isSizeProbe }: SentPacket): number {
  return isSizeProbe ? 0 : size;
}
