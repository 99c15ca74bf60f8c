import { timingSafeEqual } from 'node:crypto';
import { AckTracker } from './ack-tracker.ts';
import { CLOSE_TIMEOUT_MS, PEER_LOST_MS, PEER_LOST_PROBES, SILENT_PROBES } from './constants.ts';
import type { ConnectionOptions, ReceivedPacket, Transmit } from './connection-options.ts';
import { closeTimeout, leftOpen, lostTo, violation } from './endings.ts';
import { CLOSE_CODES, type Frame } from './frames.ts';
import { IdleProbe } from './idle-probe.ts';
import { LossDetection } from './loss-detection.ts';
import { PacketBuilder } from './packet-builder.ts';
import type { ConnectionId } from './packet.ts';
import { Path } from './path.ts';
import { ReceiveStream } from './receive-stream.ts';
import { Recovery } from './recovery.ts';
import { SendStream } from './send-stream.ts';
import type { UdpAddress } from './udp-address.ts';
import { malformed } from './wire.ts';
import { WriteGate } from './write-gate.ts';

/** The life of a connection after its handshake; see docs/mrt.md. */
type Phase = 'open' | 'draining' | 'gone';

/** One connection after its handshake: a pure state machine. Datagrams and the time come in; datagrams, deadlines and events come out. */
export class Connection {
  readonly localId: ConnectionId;
  /** Where the connection was made to; the peer may have moved since. */
  readonly remote: UdpAddress;
  readonly #options: ConnectionOptions;
  readonly #send: SendStream;
  readonly #receive: ReceiveStream;
  readonly #loss: LossDetection;
  readonly #acks = new AckTracker();
  readonly #idle: IdleProbe;
  readonly #path: Path;
  readonly #builder: PacketBuilder;
  readonly #recovery: Recovery;
  readonly #gate: WriteGate;
  #phase: Phase = 'open';
  #hasDelivered = false;
  /** Whether the peer said that it has everything, and knows that we do. */
  #isPeerDone = false;
  #unansweredSince = Infinity;
  /** When closing, waiting for the peer to close, or remembering the end is over. */
  #phaseDeadline = Infinity;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.localId = options.localId;
    this.remote = options.remote;
    this.#send = new SendStream(options.peerWindow, options.pool);
    this.#receive = new ReceiveStream({ ...options, window: options.receiveWindow });
    this.#gate = new WriteGate(this.#send, options.pool, () => options.onEvent({ type: 'writable' }));
    this.#path = new Path(options);
    this.#loss = new LossDetection(this.#path);
    this.#idle = new IdleProbe(options.keepAliveMs, options.localId > options.remoteId, options.now);
    const [send, receive, acks, path, loss] = [this.#send, this.#receive, this.#acks, this.#path, this.#loss];
    this.#builder = new PacketBuilder(options, { send, receive, acks, path, loss });
    this.#recovery = new Recovery(options, { send, acks, path, builder: this.#builder });
  }

  /** Whether nothing of it is left: it may be forgotten. */
  get isGone(): boolean {
    return this.#phase === 'gone' && !this.#builder.hasFarewell;
  }

  /** Whether it only remembers its end for a peer that may have missed it. */
  get isDraining(): boolean {
    return this.#phase !== 'open';
  }

  get canWrite(): boolean {
    return this.#gate.ask();
  }

  /** Whether everything that was written has arrived. */
  get isQuiet(): boolean {
    return this.#send.backlog === 0 && this.#loss.bytesInFlight === 0;
  }

  /** Queues one frame, copied. Ask `canWrite` first; where it says no, a 'writable' event follows. */
  write(frame: Uint8Array): void {
    this.#send.write(frame);
    this.#options.onWork();
  }

  /** The next frame that arrived. Reading is what makes room for the peer to send. */
  read(): Uint8Array | undefined {
    const frame = this.#receive.read();
    if (frame !== undefined && this.#phase === 'open' && this.#receive.isLimitStale) {
      this.#builder.windowDue = true;
      this.#options.onWork();
    }
    return frame;
  }

  /** Whether the peer ended its half and all of it was read. */
  get isAtEnd(): boolean {
    return this.#receive.isRead;
  }

  /** Starts the time allowed for closing: what is not delivered when it is over ends the connection with ERR_CLOSE_TIMEOUT. */
  limitClosing(now: number): void {
    if (this.#phase === 'open' && this.#phaseDeadline === Infinity) this.#phaseDeadline = now + CLOSE_TIMEOUT_MS;
    this.#options.onWork();
  }

  /** Ends our half after what was written; 'delivered' follows. Call `limitClosing` before. */
  finish(): void {
    this.#send.finish();
    this.#options.onWork();
  }

  /** Ends both halves at once, and tells the peer in one packet. */
  abort(reason: Error): void {
    if (this.#phase !== 'open') return;
    this.#fail(reason, CLOSE_CODES.aborted);
    this.#options.onWork();
  }

  /** Sends a ping, so that the peer hears of us: the last step of our handshake. */
  ping(): void {
    this.#builder.pingDue = true;
    this.#options.onWork();
  }

  /** Takes a packet's frames. */
  receive(packet: ReceivedPacket, source: UdpAddress, now: number): void {
    if (this.#phase === 'gone' || this.#isReset(packet.frames) || this.#acks.isKnown(packet.number)) return;
    const { log } = this.#options;
    if (log.isEnabled) log.receivedData(this.localId, packet, this.#path.rtt.smoothedMs);
    this.#unansweredSince = Infinity;
    this.#idle.onReceived(now);
    if (packet.number > this.#acks.largest) this.#checkPath(source, packet.size, now);
    const { hasFrame: had, isComplete: wasComplete } = this.#receive;
    try {
      if (!this.#take(packet, source, now)) {
        // There is no room for it. Whoever sent it hears that we are there, or would take us for lost.
        this.#builder.windowDue = true;
        return;
      }
    } catch (error) {
      this.#fail(violation(error), CLOSE_CODES.violation);
      return;
    }
    if (this.#receive.adapt(this.#path.rtt.smoothedMs, now)) this.#builder.windowDue = true;
    const isReadable = (!had && this.#receive.hasFrame) || (!wasComplete && this.#receive.isComplete);
    if (isReadable) this.#options.onEvent({ type: 'readable' });
    this.#gate.check();
    this.#advance(now);
  }

  /** Does what is due by `now`. */
  handleTimeout(now: number): void {
    if (this.#phase === 'gone') return;
    if (now >= this.#phaseDeadline) {
      this.#runOut();
      return;
    }
    if (this.#phase === 'draining') return;
    const { lost, probe } = this.#loss.handleTimeout(now);
    this.#recovery.settle({ acked: [], lost }, now);
    if (probe.length > 0) {
      const { probes } = this.#loss;
      const isSilent = now - this.#unansweredSince >= PEER_LOST_MS && probes >= PEER_LOST_PROBES;
      if (isSilent || probes >= SILENT_PROBES) {
        this.#fail(lostTo(this.remote, 'it does not answer'), CLOSE_CODES.timeout);
        return;
      }
      this.#recovery.resend(probe, 'probe');
      this.#builder.probe(probes);
    }
    if (this.#loss.bytesInFlight === 0 && now >= this.#idle.deadline) {
      this.#idle.onProbe(now);
      this.#builder.pingDue = true;
      this.#builder.reminderDue = true;
    }
  }

  /** The next datagram to send, if any; ask until there is none. */
  pollTransmit(now: number): Transmit | undefined {
    const transmit = this.#builder.next(this.#phase === 'open', now);
    if (transmit === undefined) return undefined;
    if (transmit.isEliciting) {
      this.#unansweredSince = Math.min(this.#unansweredSince, now);
      this.#idle.onSent(now);
    }
    this.#gate.check();
    return transmit;
  }

  /** The endpoint forgets it: what it holds of the socket's memory counts no more. */
  settle(): void {
    this.#options.pool.settle();
  }

  /** When `handleTimeout` or `pollTransmit` wants to be called at the latest, or Infinity. */
  pollTimeout(): number {
    if (this.#phase === 'gone') return Infinity;
    if (this.#phase === 'draining') return this.#phaseDeadline;
    this.#idle.isBlocked(this.#send.isBlocked, this.#path.rtt.probeTimeoutMs);
    const idle = this.#loss.bytesInFlight === 0 ? this.#idle.deadline : Infinity;
    return Math.min(this.#phaseDeadline, this.#acks.deadline, this.#loss.deadline, this.#builder.pacedUntil, idle);
  }

  /** Takes all frames of a packet. Returns whether it counts as received. */
  #take(packet: ReceivedPacket, source: UdpAddress, now: number): boolean {
    let eliciting = false;
    let urgent = false;
    for (const frame of packet.frames) {
      if (frame.type !== 'ack' && frame.type !== 'close') eliciting = true;
      if (frame.type === 'ping' || (frame.type === 'stream' && frame.fin)) urgent = true;
      if (!this.#takeFrame(frame, source, now)) return false;
    }
    const { smoothedMs: smoothedRttMs } = this.#path.rtt;
    const { number, size } = packet;
    this.#acks.onReceived({ number, size, eliciting, urgent, smoothedRttMs }, now);
    return true;
  }

  #takeFrame(frame: Frame, source: UdpAddress, now: number): boolean {
    switch (frame.type) {
      case 'stream':
        return this.#receive.receive(frame.offset, frame.bytes, frame.fin);
      case 'ack':
        if ((frame.ranges[0]?.largest ?? 0) >= this.#builder.nextNumber)
          throw malformed('it acknowledges what was not sent');
        this.#recovery.settle(this.#loss.onAck(frame.ranges, frame.delayUs / 1_000, now), now);
        return true;
      case 'window':
        this.#send.raiseLimit(frame.limit);
        return true;
      case 'ping':
        this.#builder.windowDue ||= this.#receive.hasUntoldRoom;
        return true;
      case 'close':
        this.#takeClose();
        return true;
      case 'pathChallenge':
        this.#builder.answerPath(frame.token, source);
        return true;
      case 'pathResponse':
        this.#path.prove(frame.token, source, now);
        return true;
      case 'reminder':
      case 'reset':
        return true;
      default:
        throw malformed(`a ${frame.type} frame in a data packet`);
    }
  }

  #takeClose(): void {
    if (this.#phase === 'draining') {
      this.#phase = 'gone';
      return;
    }
    this.#isPeerDone = true;
    if (!this.#receive.isComplete || this.#phaseDeadline === Infinity)
      throw malformed('a close before both ends are here');
    this.#send.onAllDelivered();
  }

  /** Moves on where our half, or both, are complete. */
  #advance(now: number): void {
    if (this.#phase === 'draining') {
      this.#builder.closeDue = true;
      return;
    }
    if (this.#phase !== 'open' || !this.#send.isDelivered) return;
    if (!this.#hasDelivered) {
      this.#hasDelivered = true;
      this.#phaseDeadline = now + CLOSE_TIMEOUT_MS;
      this.#options.onEvent({ type: 'delivered' });
    }
    if (!this.#receive.isComplete) return;
    this.#phase = this.#isPeerDone ? 'gone' : 'draining';
    this.#phaseDeadline = now + CLOSE_TIMEOUT_MS;
    this.#builder.closeDue = true;
    this.#options.onEvent({ type: 'ended', error: undefined });
  }

  #runOut(): void {
    if (this.#phase === 'draining') {
      this.#phase = 'gone';
      return;
    }
    this.#fail(this.#hasDelivered ? leftOpen(this.remote) : closeTimeout(), CLOSE_CODES.timeout);
  }

  #isReset(frames: readonly Frame[]): boolean {
    const reset = frames.find((frame) => frame.type === 'reset');
    if (reset === undefined) return false;
    if (timingSafeEqual(reset.token, this.#options.remoteToken)) {
      if (this.#phase === 'draining') this.#phase = 'gone';
      else this.#fail(lostTo(this.remote, 'it ended the connection', reset.code), undefined);
    }
    return true;
  }

  #checkPath(source: UdpAddress, size: number, now: number): void {
    const token = size >= PacketBuilder.CHALLENGE_LENGTH ? this.#path.challenge(source, now) : undefined;
    if (token !== undefined) this.#builder.challengePath(token, source);
  }

  #fail(error: Error, code: number | undefined): void {
    this.#phase = 'gone';
    this.#phaseDeadline = Infinity;
    this.#builder.bidFarewell(code);
    this.#send.discard();
    this.#options.onEvent({ type: 'ended', error });
  }
}
