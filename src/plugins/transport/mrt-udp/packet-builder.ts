import type { AckTracker } from './ack-tracker.ts';
import type { ConnectionOptions, Transmit } from './connection-options.ts';
import {
  CLOSE_CODES,
  PATH_TOKEN_LENGTH,
  streamRoom,
  writeAck,
  writeFrame,
  writeStreamHeader,
  type Frame,
} from './frames.ts';
import { Pacer } from './congestion/pacer.ts';
import type { LossDetection } from './loss-detection.ts';
import { HEADER_LENGTH, packetPrefix, sealPrefixed } from './packet.ts';
import type { ReceiveStream } from './receive-stream.ts';
import type { Path } from './path.ts';
import type { SendStream, StreamRange } from './send-stream.ts';
import { BASE_DATAGRAM } from './constants.ts';
import type { UdpAddress } from './udp-address.ts';
import { ByteWriter } from './wire.ts';

/** Packets a probe timeout may send beyond the congestion window (RFC 9002, section 6.2.4). */
const PROBE_PACKETS = 2;

/** Probe timeouts after which packets are as small as every path carries: larger ones may be what does not arrive. */
const SMALL_PROBES = 2;

/** Most answers to path challenges that wait to be sent. */
const MAX_PATH_FRAMES = 4;

const NONE: readonly Frame[] = [];

/** Parts of a connection that have something to say. */
export interface PacketSources {
  readonly send: SendStream;
  readonly receive: ReceiveStream;
  readonly acks: AckTracker;
  readonly path: Path;
  readonly loss: LossDetection;
}

/** Decides what goes into the next packet of a connection, and numbers it. */
export class PacketBuilder {
  /** Bytes of a packet with nothing but a path challenge, or its response. */
  static readonly CHALLENGE_LENGTH = HEADER_LENGTH + 1 + PATH_TOKEN_LENGTH;

  windowDue = false;
  pingDue = false;
  reminderDue = false;
  closeDue = false;
  readonly #options: ConnectionOptions;
  readonly #sources: PacketSources;
  readonly #pathFrames: { readonly frame: Frame; readonly destination: UdpAddress }[] = [];
  readonly #pacer = new Pacer();
  readonly #prefix: Uint8Array;
  #pacedUntil = Infinity;
  #nextNumber: number;
  #probesLeft = 0;
  #resetCode: number | undefined;

  constructor(options: ConnectionOptions, sources: PacketSources) {
    this.#options = options;
    this.#sources = sources;
    this.#prefix = packetPrefix({ type: 'data', receiver: options.remoteId });
    this.#nextNumber = options.nextNumber;
  }

  /** The first packet number not used yet. */
  get nextNumber(): number {
    return this.#nextNumber;
  }

  /** When a packet may leave that only waits for its time, or Infinity. */
  get pacedUntil(): number {
    return this.#pacedUntil;
  }

  /** Whether a last word is still to be sent. */
  get hasFarewell(): boolean {
    return this.closeDue || this.#resetCode !== undefined;
  }

  /** From now on there is nothing to say but, with a code, one reset. */
  bidFarewell(resetCode: number | undefined): void {
    this.#resetCode = resetCode;
    this.closeDue = false;
  }

  /** Lets packets out whatever the congestion window, with a ping for those that have nothing else. */
  probe(count: number): void {
    this.#probesLeft = PROBE_PACKETS;
    this.pingDue = true;
    this.reminderDue = count > 1;
  }

  challengePath(token: Uint8Array, destination: UdpAddress): void {
    this.#queuePathFrame({ type: 'pathChallenge', token }, destination);
  }

  answerPath(token: Uint8Array, destination: UdpAddress): void {
    this.#queuePathFrame({ type: 'pathResponse', token: new Uint8Array(token) }, destination);
  }

  /** The next packet, or `undefined` where nothing is due. Unless the connection is open only last words go out. */
  next(isOpen: boolean, now: number): (Transmit & { readonly isEliciting: boolean }) | undefined {
    const { localToken } = this.#options;
    if (this.#resetCode !== undefined) {
      const code = this.#resetCode;
      this.#resetCode = undefined;
      return this.#control({ type: 'reset', code, token: localToken }, this.#sources.path.remote);
    }
    if (this.closeDue) {
      this.closeDue = false;
      return this.#control({ type: 'close', code: CLOSE_CODES.done }, this.#sources.path.remote);
    }
    if (!isOpen) return undefined;
    const path = this.#pathFrames.shift();
    return path === undefined ? this.#build(now) : this.#control(path.frame, path.destination);
  }

  #build(now: number): (Transmit & { readonly isEliciting: boolean }) | undefined {
    const { send, acks, loss, path } = this.#sources;
    const sizeProbe = send.backlog > path.mtu.length && this.#probesLeft === 0 ? path.mtu.probeDue(now) : undefined;
    if (sizeProbe !== undefined) return this.#sizeProbe(sizeProbe, now);
    const datagramLength = loss.probes >= SMALL_PROBES ? BASE_DATAGRAM : path.mtu.length;
    this.#pacedUntil = Infinity;
    const hasMore = send.next(datagramLength) !== undefined;
    const hasStream = hasMore && this.#mayFly(datagramLength, now);
    const isDue = hasStream || this.windowDue || this.pingDue || this.reminderDue || now >= acks.deadline;
    if (!isDue) {
      this.#probesLeft = 0;
      if (!hasMore) this.#rest(now);
      return undefined;
    }
    const writer = new ByteWriter(this.#options.allocate(datagramLength), HEADER_LENGTH);
    const acknowledged = acks.hasPending ? acks.largest : -1;
    if (acks.hasPending) {
      const { delayUs, ranges } = acks.take(now);
      writeAck(writer, delayUs, ranges);
    }
    const window = this.windowDue;
    const control = this.#takeControlFrames();
    for (const frame of control) writeFrame(writer, frame);
    const stream = hasStream ? this.#writeStream(writer) : undefined;
    const datagram = writer.bytes.subarray(0, writer.position);
    const isEliciting = control.length > 0 || stream !== undefined;
    const number = this.#nextNumber++;
    if (isEliciting) {
      loss.onSent({ number, sentAt: now, size: datagram.length, stream, window, acknowledged, isSizeProbe: false });
      this.#pacer.onSent(datagram.length, path.congestion.pacingRate, now);
      if (this.#probesLeft > 0) this.#probesLeft -= 1;
    }
    if (this.#options.log.isEnabled) this.#log(number, datagram.length, { control, acknowledged, stream });
    return { datagram: this.#seal(datagram, number), destination: this.#sources.path.remote, isEliciting };
  }

  /** There is nothing to send. */
  #rest(now: number): void {
    const { loss, path } = this.#sources;
    this.#pacer.rest(now);
    if (loss.bytesInFlight < path.congestion.window) loss.onAppLimited();
  }

  /** A packet that is nothing but its size, to see whether it arrives. */
  #sizeProbe(size: number, now: number): Transmit & { readonly isEliciting: boolean } {
    const { loss, path } = this.#sources;
    const number = this.#nextNumber++;
    const datagram = this.#options.allocate(size).fill(0);
    writeFrame(new ByteWriter(datagram, HEADER_LENGTH), { type: 'ping' });
    path.mtu.onProbeSent();
    const content = { stream: undefined, window: false, acknowledged: -1, isSizeProbe: true };
    loss.onSent({ number, sentAt: now, size, ...content });
    this.#pacer.onSent(size, path.congestion.pacingRate, now);
    if (this.#options.log.isEnabled) {
      this.#log(number, size, { control: [{ type: 'ping' }], acknowledged: -1, stream: undefined });
    }
    return { datagram: this.#seal(datagram, number), destination: path.remote, isEliciting: true };
  }

  /** Whether a full packet may leave now; sets when to ask again where only its time has not come. */
  #mayFly(size: number, now: number): boolean {
    const { loss, path } = this.#sources;
    if (this.#probesLeft > 0) return true;
    if (loss.bytesInFlight + size > path.congestion.window) {
      this.#pacer.rest(now);
      return false;
    }
    // Or messages that go there and back one at a time would each wait for a pace that is measured by them alone.
    if (loss.bytesInFlight === 0) this.#pacer.restart(now);
    if (this.#pacer.isOpen(path.congestion.pacingRate, now)) return true;
    this.#pacedUntil = this.#pacer.releaseAt;
    return false;
  }

  #takeControlFrames(): readonly Frame[] {
    if (!this.windowDue && !this.pingDue && !this.reminderDue) return NONE;
    const frames: Frame[] = [];
    if (this.windowDue) frames.push({ type: 'window', limit: this.#sources.receive.advertise() });
    if (this.pingDue) frames.push({ type: 'ping' });
    if (this.reminderDue) {
      frames.push({ type: 'reminder', sender: this.#options.localId, token: this.#options.remoteToken });
    }
    this.windowDue = this.pingDue = this.reminderDue = false;
    return frames;
  }

  #writeStream(writer: ByteWriter): StreamRange | undefined {
    const { send } = this.#sources;
    const range = send.next(streamRoom(send.nextOffset, writer.remaining));
    if (range === undefined) return undefined;
    const length = range.end - range.start;
    writeStreamHeader(writer, { offset: range.start, length, fin: range.fin });
    send.copy(range, writer.bytes, writer.position);
    writer.position += length;
    send.onSent(range);
    return range;
  }

  #control(frame: Frame, destination: UdpAddress): Transmit & { readonly isEliciting: boolean } {
    const writer = new ByteWriter(this.#options.allocate(HEADER_LENGTH + 32), HEADER_LENGTH);
    writeFrame(writer, frame);
    const number = this.#nextNumber++;
    const datagram = writer.bytes.subarray(0, writer.position);
    if (this.#options.log.isEnabled)
      this.#log(number, datagram.length, { control: [frame], acknowledged: -1, stream: undefined });
    return { datagram: this.#seal(datagram, number), destination, isEliciting: false };
  }

  #seal(datagram: Uint8Array, number: number): Uint8Array {
    return sealPrefixed(datagram, this.#prefix, number);
  }

  #queuePathFrame(frame: Frame, destination: UdpAddress): void {
    if (this.#pathFrames.length < MAX_PATH_FRAMES) this.#pathFrames.push({ frame, destination });
  }

  #log(
    packetNumber: number,
    size: number,
    content: {
      readonly control: readonly Frame[];
      readonly acknowledged: number;
      readonly stream: StreamRange | undefined;
    },
  ): void {
    const { control, acknowledged, stream } = content;
    const frames: string[] = control.map((frame) => frame.type);
    if (acknowledged >= 0) frames.unshift('ack');
    if (stream !== undefined) frames.push(stream.fin ? 'stream+fin' : 'stream');
    this.#options.log.sent({
      connection: this.#options.localId,
      type: 'data',
      packetNumber,
      frames,
      ack: acknowledged < 0 ? undefined : acknowledged,
      window: control.find((frame) => frame.type === 'window')?.limit,
      rttMs: this.#sources.path.rtt.smoothedMs,
      size,
    });
  }
}
